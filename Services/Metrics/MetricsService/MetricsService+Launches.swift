import JSON
import Contract
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit

extension MetricsService {
  static let launchTypes: Set<String> = [
    Announcements.launchProposed.name, Announcements.launchFactsChanged.name, Announcements.launchRetiered.name,
    Announcements.launchRescheduled.name, Announcements.launchCancelled.name, Announcements.launchPostponed.name,
  ]
  static let exposureTypes: Set<String> = [
    Announcements.exposureStarted.name, Announcements.exposureStaged.name, Announcements.exposureRolledBack.name,
  ]

  /// Takes over a launch; a plan that is not sealed follows its feature.
  func keepLaunch(_ content: CloudEvent, _ event: StoredEvent, _ tx: ServiceTransaction) throws {
    let announced = try JSONCoding.decode(LaunchAnnounced.self, from: content.data ?? .null)
    try LaunchRepository(tx.db).keep(announced.record, offset: event.offset)
    try reconcile(announced.record.plan.launch, at: event.offset, tx)
  }

  /// Takes over a step of exposure, from which windows follow.
  func keepExposure(_ content: CloudEvent, _ event: StoredEvent, _ tx: ServiceTransaction) throws {
    let header = try JSONCoding.decode(AnnouncementHeader.self, from: content.data ?? .null)
    let exposure = try JSONCoding.decode(ExposureAnnounced.self, from: content.data ?? .null)
    guard let launch = LaunchID(header.launch) else {
      throw EventError(code: "malformed-data", detail: "\(header.launch) is no launch id")
    }
    try LaunchRepository(tx.db).keep(exposure, launch: launch, offset: event.offset, storedAt: event.storedAt)
    try reconcile(launch, at: event.offset, tx)
  }

  private func reconcile(_ launch: LaunchID, at offset: Int64, _ tx: ServiceTransaction) throws {
    try ProjectionCatalog(tx.db).reconcile(launch, at: offset)
    try refreshProjections(tx)
  }
}
