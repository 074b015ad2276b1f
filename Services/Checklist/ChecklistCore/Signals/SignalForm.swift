public import JSON
public import Contract
import LaunchModel

/// Why an event of another system cannot be understood.
public struct SignalFault: Error, Sendable, Hashable {
  /// A stable word, as `malformed-data`.
  public var code: String
  /// What is wrong with the event.
  public var detail: String
}

/// The form that the data of a type have (contract.md, section 4), as far as the checklist reads them.
public struct SignalForm: Sendable {
  private let type: SignalType
  private let members: [String: JSONValue]

  /// Looks at the data of an event.
  ///
  /// - Throws: `SignalFault` where a required field is missing, or a field that is read has the wrong form.
  public static func check(_ data: JSONValue?, of type: SignalType) throws(SignalFault) {
    guard case .object(let members) = data else {
      throw SignalFault(code: "malformed-data", detail: "\(type.rawValue) needs data that is an object")
    }
    try SignalForm(type: type, members: members).check()
  }

  private func check() throws(SignalFault) {
    switch type {
    case .evidenceRecorded:
      try requireKeys("launch", "item")
      try requireOutcome()
      try allowKeys("instance")
      try allowTexts("kind", "url", "digest")
    case .flagChanged:
      try requireKeys("flag", "environment")
      try requirePercentage()
    case .deployFinished:
      try requireKeys("service", "outcome")
      try allowKeys("environment", "feature", "launch")
      try allowTexts("version")
    case .articlePublished:
      try requireKeys("article", "locale")
      try allowKeys("feature", "launch")
      try allowTexts("url")
    default: return
    }
  }

  private func requireKeys(_ fields: String...) throws(SignalFault) {
    for field in fields {
      guard let key = try key(field) else { throw fault(field, "is missing") }
      guard !key.isEmpty else { throw fault(field, "is empty") }
    }
  }

  private func allowKeys(_ fields: String...) throws(SignalFault) {
    for field in fields { _ = try key(field) }
  }

  private func allowTexts(_ fields: String...) throws(SignalFault) {
    for field in fields { _ = try text(field) }
  }

  private func requireOutcome() throws(SignalFault) {
    switch try text("outcome") {
    case "passed", "failed": return
    case nil: throw fault("outcome", "is missing")
    case let other?: throw fault("outcome", "is \"\(other)\", not one of failed, passed")
    }
  }

  private func requirePercentage() throws(SignalFault) {
    guard let value = members["percentage"], value != .null else { throw fault("percentage", "is missing") }
    guard let percentage = value.doubleValue, (0...100).contains(percentage) else {
      throw fault("percentage", "is no number from 0 to 100")
    }
  }

  /// One of the organisation's own keys, by which stores look up.
  private func key(_ field: String) throws(SignalFault) -> String? {
    guard let key = try text(field) else { return nil }
    guard LaunchPlan.fitsKey(key) else { throw fault(field, "is longer than 512 bytes or holds U+0000") }
    return key
  }

  private func text(_ field: String) throws(SignalFault) -> String? {
    switch members[field] {
    case nil, .null: return nil
    case .string(let text): return text
    default: throw fault(field, "is no text")
    }
  }

  private func fault(_ field: String, _ what: String) -> SignalFault {
    SignalFault(code: "malformed-data", detail: "\(type.rawValue): data.\(field) \(what)")
  }
}

extension LaunchChecklist {
  /// Throws where evidence names an item that the launch, which is known here, does not have.
  ///
  /// A rule that tells its instances by other fields than `instance` finds its own.
  public func requireItem(of signal: Signal) throws(SignalFault) {
    guard signal.type == SignalType.evidenceRecorded.rawValue, let key = signal.text("item") else { return }
    let named = items.filter { $0.definition.key == key }
    guard !named.isEmpty else {
      let hint = Suggestion.text(for: key, among: Set(items.map(\.definition.key)))
      throw SignalFault(code: "unknown-item", detail: "\(launch) has no item \"\(key)\"\(hint)")
    }
    guard !named.contains(where: { $0.definition.completedBy?.type == signal.type }) else { return }
    let instance = signal.text("instance")
    guard !named.contains(where: { $0.instance == instance }) else { return }
    let instances = named.compactMap(\.instance)
    let those = instances.isEmpty ? "has no instances" : "is there for each of \(instances.joined(separator: ", "))"
    throw SignalFault(
      code: "unknown-item",
      detail: "\(launch)'s item \(key) \(those), and data.instance is \(instance.map { "\"\($0)\"" } ?? "missing")")
  }
}
