import ChecklistCore
import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit

extension ChecklistEvents {
  /// Throws where a signal cannot be understood, so that it is put aside with the reason rather than passed over.
  func requireForm(of type: SignalType) throws {
    let at = try stored.occurredAt()
    guard at <= stored.storedAt.adding(seconds: Self.tolerance) else {
      throw EventError(
        code: "future-time",
        detail: "time \(at) is more than 5 minutes after the event was stored at \(stored.storedAt)")
    }
    try faulting { () throws(SignalFault) in try SignalForm.check(event.data, of: type) }
  }

  /// By how many seconds a time may be ahead of the bus's clock (product.md, section 4).
  private static let tolerance: Int64 = 300

  private func faulting(_ body: () throws(SignalFault) -> Void) throws(EventError) {
    do {
      try body()
    } catch {
      throw EventError(code: error.code, detail: error.detail)
    }
  }

  /// The rollout's flag in production is exposure.
  func takeFlag() throws {
    guard event.data?["environment"]?.stringValue == "production", let flag = event.data?["flag"]?.stringValue,
      let percentage = event.data?["percentage"]?.doubleValue
    else { return }
    let reference = try signal().reference
    let at = try stored.occurredAt()
    for launch in try LaunchRepository(db: tx.db).ids(flag: flag) {
      try context.change(tx).perform(launch) { state, moment in
        if let step = state.exposure.step(flagAt: at, percentage: percentage, event: reference, now: moment.now) {
          try ExposureChange(tx: tx).add(step, to: &state, at: moment)
        }
        return []
      }
    }
  }

  /// Lets the event complete, support or contradict the items that it concerns.
  func absorb() throws {
    let signal = try signal()
    for launch in try concerned() {
      guard let state = try LaunchRepository(db: tx.db).load(launch) else { continue }
      try faulting { () throws(SignalFault) in try state.checklist.requireItem(of: signal) }
      let plan = state.checklist.record.plan
      guard state.checklist.items.contains(where: { $0.bearing(of: signal, for: plan) != nil }) else { continue }
      try context.change(tx).perform(launch, by: signal.reference) { state, moment in
        state.checklist.absorb(signal, at: moment)
      }
    }
  }

  /// The launches that an event can be about: the one it names, else those of its feature or flag.
  ///
  /// One that is not known here is none: it may belong to another installation, or be proposed yet.
  private func concerned() throws -> [LaunchID] {
    let table = LaunchRepository(db: tx.db)
    if let launch = event.data?["launch"]?.stringValue { return [LaunchID(launch)].compactMap(\.self) }
    if let feature = event.data?["feature"]?.stringValue { return try table.ids(feature: feature) }
    if let flag = event.data?["flag"]?.stringValue { return try table.ids(flag: flag) }
    return []
  }

  func signal() throws -> Signal {
    var whole: [String: JSONValue] = [
      "id": .string(event.id), "source": .string(event.source), "type": .string(event.type),
      "data": event.data ?? .null,
    ]
    whole["subject"] = event.subject.map { .string($0) }
    return Signal(
      type: event.type, reference: "\(event.source) \(event.id)", at: try stored.occurredAt(), event: .object(whole))
  }
}
