import Contract
import JSON
import LaunchModel
import Messaging

/// The heads of audit chains that announcements on the bus cite, by service and launch.
struct AnnouncedChains: Sendable, Hashable {
  /// Each head once, in no particular order.
  private(set) var heads: [ServiceName: [String: Set<ChainHead>]] = [:]
  /// The first offset of the log; more than 1 if it was pruned.
  private(set) var first: Int64 = 1

  /// As many heads as fit one call, at about 100 bytes each.
  private static let perCall = 4_000

  /// Reads the whole log, without its signals.
  ///
  /// - Parameter launch: nil for all.
  init(of launch: LaunchID?, on bus: BusClient, timeout: Duration) async throws {
    let bounds = try await bus.head(timeout: timeout)
    first = bounds.first
    var offset: Int64 = 0
    while offset < bounds.head {
      let batch = try await bus.fetch(
        after: offset, types: EventNamespace.announcements, max: 1_024, timeout: timeout)
      for event in batch.events { take(event, of: launch) }
      guard batch.head > offset else { return }
      offset = batch.head
    }
  }

  init(_ events: [StoredEvent], of launch: LaunchID? = nil) {
    for event in events { take(event, of: launch) }
  }

  private mutating func take(_ event: StoredEvent, of launch: LaunchID?) {
    guard case .success(let content) = event.content,
      let service = ServiceName.allCases.first(where: { $0.eventSource == content.source })
    else { return }
    // An event that is not an announcement cites no chain.
    guard let header = try? JSONCoding.decode(AnnouncementHeader.self, from: content.data ?? .null) else { return }
    guard launch.map({ $0.rawValue == header.launch }) ?? true else { return }
    heads[service, default: [:]][header.launch, default: []].insert(header.chain)
  }

  /// The calls by which a service compares its chains with these heads.
  func questions(to service: ServiceName) -> [AuditVerifyParameters] {
    (heads[service] ?? [:]).sorted { $0.key < $1.key }.flatMap { launch, heads in
      let sorted = heads.sorted { ($0.length, $0.hash) < ($1.length, $1.hash) }
      return stride(from: 0, to: sorted.count, by: Self.perCall).map { start in
        AuditVerifyParameters(
          launch: launch, announced: Array(sorted[start..<min(start + Self.perCall, sorted.count)]))
      }
    }
  }
}
