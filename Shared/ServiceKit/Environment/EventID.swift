import LaunchModel

/// The ids of announced events: UUID version 7 (RFC 9562), so that they ascend with time.
enum EventID {
  static func next(at now: Timestamp) -> String {
    var random = SystemRandomNumberGenerator()
    return uuid(milliseconds: UInt64(max(0, now.microseconds / 1_000)), random: (random.next(), random.next()))
  }

  static func uuid(milliseconds: UInt64, random: (UInt64, UInt64)) -> String {
    let high = milliseconds << 16 | 0x7000 | random.0 & 0x0fff
    let low = 0x8000_0000_0000_0000 | random.1 & 0x3fff_ffff_ffff_ffff
    let digits = hex(high) + hex(low)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { digits[$0].map { String($0) }.joined() }
      .joined(separator: "-")
  }

  private static func hex(_ value: UInt64) -> [Character] {
    let digits = Array(String(value, radix: 16))
    return Array(repeating: "0", count: 16 - digits.count) + digits
  }
}
