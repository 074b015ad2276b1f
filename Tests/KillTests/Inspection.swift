import Contract
import LaunchModel
import Messaging
import TestSupport

/// Compares the state of the settled system with the acknowledged changes.
struct Inspection: Sendable {
  private static let services = ServiceName.allCases.filter { $0 != .bus }

  let system: RunningSystem
  let measured: LaunchID
  let acknowledged: AcknowledgedChanges.Entries

  /// All differences between the expected and the actual state, as text.
  func differences() async throws -> [String] {
    try await settle()
    return try await acknowledged.differences + figures() + launches() + comments() + chains() + quarantine()
  }

  /// Waits until every announcement is on the bus and processed by every service.
  private func settle() async throws {
    while true {
      _ = try await untilAnswered { try await system.bus().settle(timeout: .seconds(300)) }
      var unsent = 0
      for service in Self.services {
        let stats = try await system.client(service).call(ServiceRoutes.stats(service), NoParameters())
        unsent += stats.outbox?.unsent ?? 0
      }
      if unsent == 0 { return }
    }
  }

  private func figures() async throws -> [String] {
    let view = try await system.client(.metrics).call(
      MetricsRoutes.verdicts, VerdictRequest(launch: measured), timeout: .seconds(120))
    let adoption = view.metrics.first { $0.key == "adoption" }
    let uses = view.metrics.first { $0.key == "uses" }
    return [
      Self.difference("accounts that adopted", adoption?.numerator, acknowledged.adopted.count),
      Self.difference("active accounts", adoption?.denominator, acknowledged.active.count),
      Self.difference("uses", uses?.numerator, acknowledged.uses),
    ].compactMap(\.self)
  }

  private func launches() async throws -> [String] {
    let list = try await system.client(.tiering).call(TieringRoutes.list, LaunchFilter(), timeout: .seconds(30))
    let expected = (acknowledged.launches + [measured]).sorted()
    guard list.launches.map(\.id).sorted() == expected else {
      return ["tiering has \(list.launches.map(\.id).sorted()), but \(expected) were acknowledged"]
    }
    var differences: [String] = []
    for launch in expected {
      let history = try await system.client(.tiering).call(TieringRoutes.history, LaunchReference(launch: launch))
      if history.entries.count(where: { $0.action == "proposed" }) != 1 {
        differences.append("\(launch) was not proposed exactly once: \(history.entries.map(\.action))")
      }
      let items = try await system.client(.checklist).call(ChecklistRoutes.items, LaunchReference(launch: launch)).items
      if items.isEmpty { differences.append("\(launch) has no checklist") }
      if Set(items.map { [$0.key, $0.instance ?? ""] }).count != items.count {
        differences.append("\(launch) has an item twice")
      }
    }
    return differences
  }

  private func comments() async throws -> [String] {
    var differences: [String] = []
    for (launch, item) in acknowledged.comments {
      let detail = try await system.client(.checklist).call(ChecklistRoutes.showItem, item).detail
      let count = detail?.history.count { $0.detail?.contains(SystemLoad.comment) == true } ?? 0
      if count != 1 { differences.append("the comment on \(item.key ?? "") of \(launch) was stored \(count) times") }
    }
    return differences
  }

  private func chains() async throws -> [String] {
    var differences: [String] = []
    for service in Self.services {
      let verified = try await system.client(service).call(
        ServiceRoutes.auditVerify(service), AuditVerifyParameters(), timeout: .seconds(60))
      if !verified.intact {
        differences.append("the audit of \(service.rawValue) is broken: \(verified.chains.filter { $0.broken != nil })")
      }
    }
    return differences
  }

  private func quarantine() async throws -> [String] {
    try await system.bus().quarantined().map {
      "\($0.entry.consumer) could not process offset \($0.entry.offset.map(String.init) ?? "?"): \($0.entry.code)"
    }
  }

  private static func difference(_ name: String, _ counted: Int?, _ expected: Int) -> String? {
    counted == expected ? nil : "\(name): \(counted.map(String.init) ?? "none"), but \(expected) were acknowledged"
  }
}
