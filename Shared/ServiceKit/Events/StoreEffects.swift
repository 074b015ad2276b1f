import JSON
import Contract
import LaunchModel
import Logging
import Messaging
import Storage

/// Lets events have their effect on the service's store: effect and offset in one transaction.
struct StoreEffects: EventEffects {
  let environment: ServiceEnvironment
  let service: any DomainService
  let consumer: String

  func offset() async throws -> Int64 {
    try await environment.database.read { try ConsumerOffsets.offset(consumer, $0) }
  }

  func apply(_ events: [StoredEvent], upTo offset: Int64) async throws {
    _ = try await environment.commit(as: .service(environment.service)) { tx in
      let processed = try ConsumerOffsets.offset(consumer, tx.db)
      try apply(events.filter { $0.offset > processed }, tx)
      try ConsumerOffsets.advance(consumer, to: offset, tx.db)
    }
  }

  func applyLate(_ event: StoredEvent) async throws {
    _ = try await environment.commit(as: .service(environment.service)) { try apply([event], $0) }
  }

  private func apply(_ events: [StoredEvent], _ tx: ServiceTransaction) throws {
    guard !events.isEmpty else { return }
    try telling {
      try service.begin(tx)
      for event in events { try apply(event, tx) }
      try service.finish(tx)
    }
  }

  private func apply(_ event: StoredEvent, _ tx: ServiceTransaction) throws {
    let type = try event.event().type
    if type == Announcements.rosterAdopted.name {
      try tx.adopt(try JSONCoding.decode(RosterAdopted.self, from: try event.event().data ?? .null))
    }
    guard service.subscriptions.contains(where: { type.hasPrefix($0) }) else { return }
    try service.apply(event, tx)
  }

  /// What is the events' own fault is thrown as such, of several together until they are tried one by one; everything else
  /// as it is.
  private func telling(_ effect: () throws -> Void) throws {
    do {
      try effect()
    } catch let problem as Problem where !problem.retryable {
      throw EventError(code: problem.code, detail: problem.detail.isEmpty ? problem.title : problem.detail)
    } catch let error as JSONError {
      throw EventError(code: "malformed-data", detail: "\(error.pointer): \(error.detail)")
    } catch let error as StorageError where error.code == .constraint || error.code == .value {
      throw EventError(code: error.code.rawValue, detail: error.message)
    }
  }
}
