import ArgumentParser
import Topics

/// Measures how fast texts are encoded, and prints a table; or prints the vectors of texts, for `topics.py`.
///
/// Run it with `swift run -c release encode`; without optimisation the encoder is several times as slow.
@main
struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how long the sentence encoder takes for texts of several lengths.")

  @Option(help: "Lengths to measure, in word pieces.")
  var pieces: [Int] = [12, 60, 254]
  @Option(help: "Texts per length; the median is printed.")
  var texts = 200
  @Flag(help: "Print the vector of each line of standard input instead, in hexadecimal.")
  var vectors = false

  func validate() throws {
    guard texts > 0 else { throw ValidationError("--texts must be at least 1") }
    guard pieces.allSatisfy({ (1...254).contains($0) }) else {
      throw ValidationError("--pieces must be between 1 and 254")
    }
  }

  func run() {
    if vectors {
      while let text = readLine() { print(Self.hexadecimal(SentenceEncoder.vector(of: text))) }
    } else {
      measure()
    }
  }

  /// The components as bytes, two digits each.
  private static func hexadecimal(_ vector: SentenceVector) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for component in vector.components {
      let byte = Int(UInt8(bitPattern: component))
      text += [digits[byte >> 4], digits[byte & 15]]
    }
    return String(decoding: text, as: UTF8.self)
  }

  private func measure() {
    let clock = ContinuousClock()
    print("first text (arranges the weights): \(milliseconds(clock.measure { _ = SentenceEncoder.vector(of: "a") }))")
    print("| pieces | median ms | 95 % ms | pieces per second |\n|--:|--:|--:|--:|")
    for length in pieces {
      let times = (0..<texts).map { seed in
        let text = Self.text(pieces: length, seed: seed)
        return clock.measure { _ = SentenceEncoder.vector(of: text) }
      }.sorted()
      let median = times[texts / 2]
      let rate = Int(Double(length) / (median / .seconds(1)))
      print("| \(length) | \(milliseconds(median)) | \(milliseconds(times[texts * 95 / 100])) | \(rate) |")
    }
  }

  /// A text of as many words, each of which is one piece.
  private static func text(pieces: Int, seed: Int) -> String {
    let words = ["export", "report", "invoice", "wrong", "charged", "twice", "login", "fails", "the", "new", "my"]
    return (0..<pieces).map { words[($0 * 7 + seed * 5 + $0 / words.count) % words.count] }.joined(separator: " ")
  }

  private func milliseconds(_ duration: Duration) -> String {
    let hundredths = Int((duration / .milliseconds(1) * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}
