public import Contract
public import JSON

/// Data of a signal with one field changed.
public struct SignalVariants: Sendable, CustomStringConvertible {
  /// The signal.
  public let type: SignalType
  /// The field that was changed.
  public let field: String
  /// The change, such as `too long`.
  public let change: String
  /// The data, in which every other field has its example.
  public let data: JSONValue

  /// The variant as shown in messages of tests.
  public var description: String { "\(type.rawValue) \(field) \(change)" }

  /// Returns the data of a signal in which every field has its example.
  public static func example(of type: SignalType) -> [String: JSONValue] {
    Dictionary(uniqueKeysWithValues: SignalField.all(of: type).map { ($0.name, $0.example) })
  }

  /// Returns every field of a signal in every invalid variant: missing, null, of the wrong type, empty, too long, with
  /// U+0000, a number for a text, an unknown choice, out of range.
  public static func all(of type: SignalType) -> [SignalVariants] {
    SignalField.all(of: type).flatMap { field in
      var values: [(String, JSONValue?)] = field.isRequired ? [("missing", nil), ("null", .null)] : []
      values += malformed(field.rule)
      return values.map { variant(type, field.name, $0.0, $0.1) }
    }
  }

  /// Returns every field of a signal in valid variants: an optional field that is missing or null, a number for a key,
  /// the longest key.
  public static func fitting(_ type: SignalType) -> [SignalVariants] {
    SignalField.all(of: type).flatMap { field in
      // The example of `state` is `merged`, which requires `mergedInto`.
      var values: [(String, JSONValue?)] =
        field.isRequired || (type == .accountChanged && field.name == "mergedInto")
        ? [] : [("missing", nil), ("null", .null)]
      if field.rule == .key {
        values += [("a number", 17), ("the longest", .string(String(repeating: "é", count: 256)))]
      }
      return values.map { variant(type, field.name, $0.0, $0.1) }
    }
  }

  private static func variant(_ type: SignalType, _ field: String, _ change: String, _ value: JSONValue?)
    -> SignalVariants
  {
    var data = example(of: type)
    data[field] = value
    return SignalVariants(type: type, field: field, change: change, data: .object(data))
  }

  private static func malformed(_ rule: SignalField.Rule) -> [(String, JSONValue?)] {
    let long = JSONValue.string(String(repeating: "é", count: 257))
    let wrong: [(String, JSONValue?)] = [("an object", ["a": 1]), ("true", .bool(true))]
    switch rule {
    case .key:
      return wrong + [
        ("a list", ["a"]), ("a fraction", 1.5), ("empty", ""), ("too long", long), ("with U+0000", "a\u{0}b"),
      ]
    case .keys:
      return wrong + [
        ("a string", "a"), ("a list of lists", [["a"]]), ("with an empty one", [""]), ("with one too long", [long]),
        ("with U+0000", ["a\u{0}b"]), ("with null", [nil]),
      ]
    case .text(let isEmptyAllowed):
      return wrong + [("a number", 17), ("with U+0000", "a\u{0}b")] + (isEmptyAllowed ? [] : [("empty", "")])
    case .choice: return wrong + [("unknown", "sideways"), ("a number", 1), ("in capitals", "UP"), ("empty", "")]
    case .number(let minimum, let maximum):
      return wrong + [("a string", "5")] + (minimum.map { [("too low", .number($0 - 0.5))] } ?? [])
        + (maximum.map { [("too high", .number($0 + 0.5))] } ?? [])
    case .date: return wrong + [("a word", "yesterday"), ("no such day", "2027-02-30"), ("a number", 20_270_219)]
    case .moment:
      return wrong + [("a word", "yesterday"), ("a date", "2027-03-03"), ("a number", 1_803_974_400)]
    case .feed:
      return [
        ("a string", "//helpdesk/"), ("true", .bool(true)), ("a list", ["a"]), ("without a source", ["type": "a.b"]),
        ("without a type", ["source": "//a/"]), ("an empty source", ["type": "a.b", "source": ""]),
        ("a number as type", ["type": 1, "source": "//a/"]), ("a source too long", ["type": "a.b", "source": long]),
      ]
    case .score: return [("an object", ["a": 1]), ("a string", "five"), ("too low", 0), ("too high", 6)]
    }
  }
}
