/// Who the transport says is calling: `uid:1000` from the kernel on Unix sockets, `key:…` from CURVE on TCP.
public struct Principal: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind, a colon and the id, as `uid:1000`.
  public var rawValue: String

  public init(_ rawValue: String) { self.rawValue = rawValue }

  /// The principal of a user id of this host.
  public static func uid(_ id: UInt32) -> Principal { Principal("uid:\(id)") }

  /// The principal of whoever has the secret key of that CURVE key, 40 characters of Z85.
  public static func key(_ text: String) -> Principal { Principal("key:\(text)") }

  /// The same text, as `uid:1000`.
  public var description: String { rawValue }

  public init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(String.self) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
