import JSON
import LaunchModel

/// Writes the rules of a signal's fields as JSON Schema.
enum SignalSchema {
  /// Returns the schema of a signal's `data`; undeclared fields are allowed.
  static func data(of type: SignalType, _ writer: inout SchemaWriter) -> JSONValue {
    let fields = SignalField.all(of: type)
    var properties: [String: JSONValue] = [:]
    for field in fields {
      let schema = schema(of: field.rule, &writer)
      properties[field.name] = (field.isRequired ? schema : SchemaWriter.nullable(schema)).merging([
        "description": .string(field.summary)
      ])
    }
    var data: JSONValue = [
      "type": "object", "properties": .object(properties),
      "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
    ]
    let conditions = conditions(of: type, fields)
    if !conditions.isEmpty { data = data.merging(["allOf": .array(conditions)]) }
    return data
  }

  private static func schema(of rule: SignalField.Rule, _ writer: inout SchemaWriter) -> JSONValue {
    switch rule {
    case .key: writer.reference(to: "SignalKey", key)
    case .keys: ["type": "array", "items": writer.reference(to: "SignalKey", key)]
    case .text(let isEmptyAllowed): text.merging(isEmptyAllowed ? [:] : ["minLength": 1])
    case .choice(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
    case .number(let minimum, let maximum): number(minimum, maximum)
    case .date: ["type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"]
    case .score: [:]
    case .moment: ["type": "string", "format": "date-time"]
    case .feed:
      [
        "type": "object", "required": ["type", "source"],
        "properties": ["type": feedPart, "source": feedPart],
      ]
    }
  }

  private static let text: JSONValue = ["type": "string", "pattern": "^[^\\u0000]*$"]

  private static let key: JSONValue = [
    "title": "SignalKey",
    "description": .string(
      "One of the organisation's own keys: at most \(ExternalKey.maximumBytes) bytes of UTF-8 without U+0000. A whole "
        + "number is read as its decimal digits."),
    "anyOf": [
      text.merging(["minLength": 1, "maxLength": .integer(Int64(ExternalKey.maximumBytes))]),
      ["type": "integer", "minimum": .integer(.min), "maximum": .integer(.max)],
    ],
  ]

  private static let feedPart = text.merging([
    "minLength": 1, "maxLength": .integer(Int64(ExternalKey.maximumBytes)),
  ])

  private static func number(_ minimum: Double?, _ maximum: Double?) -> JSONValue {
    var schema: [String: JSONValue] = ["type": "number"]
    schema["minimum"] = minimum.map { SignalReader.number($0) }
    schema["maximum"] = maximum.map { SignalReader.number($0) }
    return .object(schema)
  }

  /// Returns the rules that involve several fields.
  private static func conditions(of type: SignalType, _ fields: [SignalField]) -> [JSONValue] {
    if let score = fields.first(where: { $0.rule == .score }) {
      return SatisfactionScale.allCases.map { scale in
        condition("scale", .string(scale.rawValue), then: ["properties": [score.name: scores(of: scale)]])
      }
    }
    guard type == .accountChanged else { return [] }
    return [
      condition(
        "state", .string(AccountState.merged.rawValue),
        then: ["required": ["mergedInto"], "properties": ["mergedInto": ["not": ["type": "null"]]]])
    ]
  }

  private static func scores(of scale: SatisfactionScale) -> JSONValue {
    switch scale {
    case .thumbs: ["enum": ["up", "down", true, false, 1, 0]]
    case .five, .ten: number(scale.range.lowerBound, scale.range.upperBound)
    }
  }

  private static func condition(_ field: String, _ value: JSONValue, then schema: JSONValue) -> JSONValue {
    ["if": ["properties": .object([field: ["const": value]]), "required": [.string(field)]], "then": schema]
  }
}
