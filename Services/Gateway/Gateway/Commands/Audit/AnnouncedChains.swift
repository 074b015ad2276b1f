import Contract
import JSON
import LaunchModel
import Messaging

/// The heads of audit chains that are cited in announcements on the bus, by service and launch.
struct AnnouncedChains: Sendable, Hashable {
  /// Each head once, in no particular order.
  private(set) var heads: [ServiceName: [String: Set<ChainHead>]] = [:]
  /// The first offset of the log; more than 1 if it was pruned.
  private(set) var first: Int64 = 1
  /// The offset up to which the log was read.
  private var offset: Int64 = 0
  /// The launch to read; nil for all.
  private var launch: LaunchID?

  /// The maximum number of heads in one call, at about 100 bytes each.
  private static let perCall = 4_000

  /// Reads the whole log, except for signals.
  ///
  /// - Parameter launch: the launch to read; nil for all.
  init(of launch: LaunchID?, on bus: BusClient, timeout: Duration) async throws {
    self.launch = launch
    try await readOn(on: bus, timeout: timeout)
  }

  init(_ events: [StoredEvent], of launch: LaunchID? = nil) {
    self.launch = launch
    for event in events { take(event) }
  }

  /// Reads the events that were stored since the last read.
  mutating func readOn(on bus: BusClient, timeout: Duration) async throws {
    let bounds = try await bus.head(timeout: timeout)
    first = bounds.first
    while offset < bounds.head {
      let batch = try await bus.fetch(
        after: offset, types: EventNamespace.announcements, max: 1_024, timeout: timeout)
      for event in batch.events { take(event) }
      guard batch.head > offset else { return }
      offset = batch.head
    }
  }

  private mutating func take(_ event: StoredEvent) {
    guard case .success(let content) = event.content,
      let service = ServiceName.allCases.first(where: { $0.eventSource == content.source })
    else { return }
    // An event that is not an announcement cites no chain.
    guard let header = try? JSONCoding.decode(AnnouncementHeader.self, from: content.data ?? .null) else { return }
    guard launch.map({ $0.rawValue == header.launch }) ?? true else { return }
    heads[service, default: [:]][header.launch, default: []].insert(header.chain)
  }

  /// Returns the calls with which a service compares its chains with these heads.
  ///
  /// - Parameters:
  /// - lengths: the chains whose announcements, up to a length, must all be here or in the outbox.
  ///   - cited: the heads that decisions cite.
  func questions(
    to service: ServiceName, counting lengths: [String: Int] = [:], citing cited: [String: [ChainHead]] = [:]
  ) -> [AuditVerifyParameters] {
    let heads = heads[service] ?? [:]
    return Set(heads.keys).union(lengths.keys).union(cited.keys).sorted().flatMap { launch in
      questions(
        about: launch, (heads[launch] ?? []).sorted { ($0.length, $0.hash) < ($1.length, $1.hash) }, lengths[launch],
        cited[launch])
    }
  }

  private func questions(
    about launch: String, _ heads: [ChainHead], _ length: Int?, _ cited: [ChainHead]?
  ) -> [AuditVerifyParameters] {
    let starts = heads.isEmpty ? [0] : Array(stride(from: 0, to: heads.count, by: Self.perCall))
    return starts.map { start in
      let end = min(start + Self.perCall, heads.count)
      // In a pruned log, announcements before the first remaining one are not counted.
      let from: Int? = start > 0 ? heads[start].length : first == 1 ? 1 : heads.first?.length
      let to = end < heads.count ? heads[end].length - 1 : length
      let range = length == nil ? nil : from.flatMap { from in to.map { AnnouncedRange(from: from, to: $0) } }
      return AuditVerifyParameters(
        launch: launch, announced: Array(heads[start..<end]), cited: start == 0 ? cited : nil, counted: range)
    }
  }

  /// Returns the first link of a chain whose announcement is neither on the bus nor in the service's outbox; nil if
  /// there is none.
  func missing(of chain: VerifiedChain, from service: ServiceName) -> BrokenLink? {
    let known = Set((heads[service]?[chain.launch] ?? []).map(\.length))
    guard let length = (chain.missing ?? []).first(where: { !known.contains($0) }) else { return nil }
    return BrokenLink(
      length: length,
      detail:
        "its announcement is missing: it was deleted from the bus's log or from the outbox of \(service.rawValue), "
        + "so the other services do not know of it")
  }
}
