import JSON
import Contract
import LaunchModel

/// Reads the data of one signal field by field.
struct SignalReader {
  let type: SignalType
  let data: JSONValue?
  let place: SignalPlace
  let storedAt: Timestamp

  func text(_ field: String) throws(SignalFault) -> String {
    guard let text = try optionalText(field) else { throw fault(field, "is missing") }
    return text
  }

  /// A text, or a whole number as its digits: some producers number their tickets.
  func optionalText(_ field: String) throws(SignalFault) -> String? {
    switch data?[field] {
    case nil, .null?: return nil
    case .string(let text)? where !text.isEmpty: return text
    case .integer(let number)?: return String(number)
    default: throw fault(field, "is no text")
    }
  }

  func choice<Value>(_ field: String, _ values: [String: Value]) throws(SignalFault) -> Value {
    guard let value = values[try text(field)] else {
      throw fault(field, "is none of \(values.keys.sorted().joined(separator: ", "))")
    }
    return value
  }

  func ticketEvent() throws(SignalFault) -> TicketEvent {
    TicketEvent(
      ticket: try text("ticket"), at: place.at, offset: place.offset, storedAt: storedAt, opens: type == .ticketOpened,
      account: type == .ticketOpened ? try text("account") : try optionalText("account"),
      feature: try optionalText("feature"), tags: try tags(), channel: try optionalText("channel"),
      mergedInto: try optionalText("mergedInto"))
  }

  func score() throws(SignalFault) -> SatisfactionScore {
    let scales = Dictionary(uniqueKeysWithValues: SatisfactionScore.Scale.allCases.map { ($0.rawValue, $0) })
    let scale = try choice("scale", scales)
    return SatisfactionScore(
      ticket: try text("ticket"), place: place, score: try points(on: scale), scale: scale,
      account: try optionalText("account"), feature: try optionalText("feature"))
  }

  private func points(on scale: SatisfactionScore.Scale) throws(SignalFault) -> Double {
    switch (scale, data?["score"]) {
    case (.thumbs, .string("up")?), (.thumbs, .bool(true)?): return 1
    case (.thumbs, .string("down")?), (.thumbs, .bool(false)?): return 0
    case (_, let value?):
      guard let number = value.doubleValue, scale.range.contains(number) else {
        throw fault("score", "is not on the scale \(scale.rawValue)")
      }
      return number
    case (_, nil): throw fault("score", "is missing")
    }
  }

  private func tags() throws(SignalFault) -> [String]? {
    switch data?["tags"] {
    case nil, .null?: return nil
    case .array(let elements)?:
      let tags = elements.compactMap(\.stringValue)
      guard tags.count == elements.count else { throw fault("tags", "has an element that is no text") }
      return tags
    default: throw fault("tags", "is no list")
    }
  }

  private func fault(_ field: String, _ what: String) -> SignalFault {
    SignalFault(code: "malformed-data", detail: "\(type.rawValue): /data/\(field) \(what)")
  }
}

extension SatisfactionScore.Scale {
  /// The scores that it has; a thumb is 0 or 1.
  fileprivate var range: ClosedRange<Double> {
    switch self {
    case .thumbs: 0...1
    case .five: 1...5
    case .ten: 1...10
    }
  }
}
