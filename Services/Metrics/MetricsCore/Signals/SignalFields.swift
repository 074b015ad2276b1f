import JSON
import Contract
import LaunchModel

/// The fields of a signal's data, each read with a fault that names it.
struct SignalFields {
  let type: SignalType
  private let members: [String: JSONValue]

  init(type: SignalType, data: JSONValue?) throws(SignalFault) {
    self.type = type
    guard case .object(let members) = data else {
      throw SignalFault(code: "malformed-data", detail: "\(type.rawValue) needs data that is an object")
    }
    self.members = members
  }

  /// A required text, not empty.
  func text(_ field: String) throws(SignalFault) -> String {
    guard let text = try optionalText(field) else { throw fault(field, "is missing") }
    guard !text.isEmpty else { throw fault(field, "is empty") }
    return text
  }

  /// A text, or nil where there is none; one that no store can look up by is a fault.
  func optionalText(_ field: String) throws(SignalFault) -> String? {
    switch members[field] {
    case nil, .null: return nil
    case .string(let text):
      guard StoredText.fits(text) else { throw fault(field, "is longer than 512 bytes or holds U+0000") }
      return text
    default: throw fault(field, "is no text")
    }
  }

  /// What a word stands for.
  func choice<Value>(_ field: String, _ choices: [String: Value]) throws(SignalFault) -> Value {
    let word = try text(field)
    guard let value = choices[word] else {
      throw fault(field, "is \"\(word)\", not one of \(choices.keys.sorted().joined(separator: ", "))")
    }
    return value
  }

  /// What the event says a ticket is about.
  func statement() throws(SignalFault) -> Signal.TicketStatement {
    Signal.TicketStatement(
      feature: try optionalText("feature"), tags: try optionalTexts("tags"), channel: try optionalText("channel"))
  }

  /// Whether the score says satisfied: thumbs up, 4 or 5 of 5, 8 or more of 10.
  func satisfaction() throws(SignalFault) -> Bool {
    switch try choice("scale", ["thumbs": Scale.thumbs, "1-5": .five, "1-10": .ten]) {
    case .thumbs: return try thumb()
    case .five: return try score(upTo: 5) >= 4
    case .ten: return try score(upTo: 10) >= 8
    }
  }

  func fault(_ field: String, _ what: String) -> SignalFault {
    SignalFault(code: "malformed-data", detail: "\(type.rawValue): data.\(field) \(what)")
  }

  private enum Scale {
    case thumbs, five, ten
  }

  private func thumb() throws(SignalFault) -> Bool {
    switch members["score"] {
    case nil, .null: throw fault("score", "is missing")
    case .string("up"), .bool(true), .integer(1): return true
    case .string("down"), .bool(false), .integer(0): return false
    default: throw fault("score", "is neither up (or 1) nor down (or 0), as the scale thumbs has it")
    }
  }

  private func score(upTo most: Double) throws(SignalFault) -> Double {
    guard let value = members["score"], value != .null else { throw fault("score", "is missing") }
    guard let score = value.doubleValue, (1...most).contains(score) else {
      throw fault("score", "is no number from 1 to \(Int(most))")
    }
    return score
  }

  private func optionalTexts(_ field: String) throws(SignalFault) -> [String]? {
    switch members[field] {
    case nil, .null: return nil
    case .array(let elements):
      let texts = elements.compactMap(\.stringValue)
      guard texts.count == elements.count else { throw fault(field, "is no list of texts") }
      return texts
    default: throw fault(field, "is no list of texts")
    }
  }
}
