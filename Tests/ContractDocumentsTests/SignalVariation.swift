import Contract
import JSON

/// A signal's data with one or two fields changed, which may fit or not.
struct SignalVariation {
  var name: String
  var data: JSONValue

  /// The example with each field missing and with each of many values, for scores on each scale.
  static func all(of type: SignalType) -> [SignalVariation] {
    let fields = SignalField.all(of: type)
    let example = Dictionary(fields.map { ($0.name, $0.example) }) { first, _ in first }
    var variations = [SignalVariation(name: "example", data: .object(example))]
    for field in fields {
      var others: [(String, [String: JSONValue])] = [("", example)]
      if field.rule == .score {
        others += SatisfactionScale.allCases.map {
          ($0.rawValue, example.merging(["scale": .string($0.rawValue)]) { $1 })
        }
      }
      for (scale, base) in others {
        variations += values.enumerated().map { index, value in
          var data = base
          data[field.name] = value
          return SignalVariation(name: "\(field.name) \(scale) \(index)", data: .object(data))
        }
      }
    }
    // That an account is not merged into itself is beyond a schema.
    return variations.filter { type != .accountChanged || $0.data["account"] != $0.data["mergedInto"] }
  }

  /// Nil for a missing field.
  private static let values: [JSONValue?] = [
    nil, .null, true, false, 0, 1, 4, 5.5, 7, 11, 100.5, -1, "", "up", "down", "acme", "merged", "active", "passed",
    "thumbs",
    "1-5", "2027-02-19", "2027-2-19", "a\u{0}b", .string(String(repeating: "x", count: 512)),
    .string(String(repeating: "x", count: 513)), [], ["a", 7], ["a", ""], [true], [:],
  ]
}
