import JSON
import LaunchModel
import MetricsCore
import Storage

/// Holds a launch's plan against the digests that the audit chain says were sealed.
struct SealCheck {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// The first step that is not what was sealed; nil where all are.
  ///
  /// - Parameters:
  ///   - links: the launch's audit chain, up to `moment`.
  ///   - moment: nil for now.
  func contradiction(to links: [AuditLink], of launch: LaunchID, until moment: Timestamp? = nil) throws -> BrokenLink? {
    let steps = try PlanStore(db).history(of: launch, until: moment).entries.filter { $0.action != .define }
    let sealing = links.filter { Self.actions.contains($0.action) }
    for (index, link) in sealing.enumerated() {
      guard index < steps.count else {
        return BrokenLink(length: link.length, detail: "the metric plan that it sealed is no longer in the store")
      }
      let digest = link.detail["digest"]?.stringValue ?? ""
      guard steps[index].digest == digest, steps[index].definition.map(PlanDigest.hex) == digest else {
        return BrokenLink(
          length: link.length,
          detail: "the metric plan was changed after sealing: it has not the digest that was sealed (\(digest))")
      }
    }
    guard steps.count > sealing.count else { return nil }
    return BrokenLink(
      length: (links.last?.length ?? 0) + 1, detail: "the store has a sealed metric plan that the chain does not")
  }

  /// - Throws: the problem `changed-after-sealing` where the plan is not what was sealed.
  func require(_ launch: LaunchID, until moment: Timestamp? = nil) throws {
    guard let broken = try broken(launch, until: moment) else { return }
    throw Problem.conflict(
      Problem.changedAfterSealing, title: "the metrics were changed after sealing",
      "somebody changed the sealed metrics of \(launch) in the store: link \(broken.length) of the audit chain: "
        + "\(broken.detail); nothing is judged by them until the store is restored from a backup")
  }

  /// The same as a link; nil where the plan is what was sealed.
  func broken(_ launch: LaunchID, until moment: Timestamp? = nil) throws -> BrokenLink? {
    let links = try AuditChain(service: MetricsService.name).links(launch: launch.rawValue, db)
    return try contradiction(
      to: links.filter { link in moment.map { link.at <= $0 } ?? true }, of: launch, until: moment)
  }

  private static let actions: Set<String> = [
    Announcements.metricsSealed.name, Announcements.metricsAmended.name,
  ]
}
