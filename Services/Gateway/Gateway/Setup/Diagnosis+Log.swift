import Contract
import LaunchModel

extension Diagnosis {
  private static let fix =
    "gonogo doctor --deep lists all damage; stop the bus, run gonogo-bus repair, which marks what is lost, and start it"

  /// Reports the damage that the bus already knows of.
  static func logCheck(_ status: SystemStatus) -> HealthCheck {
    let damage = knownDamage(status)
    guard !damage.isEmpty else { return .ok("log", "no damage is known") }
    return .fail("log", damage.summary, fix: fix)
  }

  private static func knownDamage(_ status: SystemStatus) -> [LogDamage] {
    status.services.filter { $0.name == .bus }.flatMap { $0.damage ?? [] }
  }

  /// Has the bus read its whole log, in parts. The result includes damage that the bus knew of before.
  func wholeLogCheck(_ status: SystemStatus) async throws -> HealthCheck {
    var damage = Self.knownDamage(status)
    do {
      var (verified, next) = (0, String?.none)
      repeat {
        let page = try await session.call(BusRoutes.verify, VerifyParameters(after: next, max: 5_000)).value
        for found in page.damage { damage.add(found.kind, found.offsets) }
        verified += page.verified
        next = page.next
      } while next != nil
      guard !damage.isEmpty else { return .ok("log", "intact: \(counted(verified, "record")) read") }
      return .fail("log", damage.summary, fix: Self.fix)
    } catch let error where !(error is CancellationError) {
      guard damage.isEmpty else {
        return .fail("log", "\(damage.summary); the rest cannot be read: \(Self.reason(error))", fix: Self.fix)
      }
      return .warn(
        "log", "cannot be read: \(Self.reason(error))", fix: "only Product Ops and the services may read all of it")
    }
  }
}
