import Contract
import LaunchModel

/// Looks at an installation, from its folders to its roster.
struct Diagnosis: Sendable {
  let session: Session

  var settings: GatewaySettings { session.settings }

  /// All checks, each after those that it rests on.
  ///
  /// - Throws: `CancellationError`; a check that fails is a result.
  func checks() async throws -> [HealthCheck] {
    var checks = [settingsCheck, runFolderCheck, dataFolderCheck, socketPathCheck]
    if let roomCheck { checks.append(roomCheck) }
    checks += [executablesCheck, descriptorCheck, zoneCheck, zeroMQCheck]
    let status = await SystemStatus(of: session)
    checks += [servicesCheck(status), clockCheck(status)]
    if let lag = lagCheck(status) { checks.append(lag) }
    if let refused = Self.refusalCheck(status) { checks.append(refused) }
    if let user = userCheck() { checks.append(user) }
    if status.services.contains(where: { $0.name == .checklist && $0.status == .up }) {
      checks.append(try await rosterCheck())
    }
    if status.services.contains(where: { $0.name == .bus && $0.status == .up }) {
      checks.append(try await quarantineCheck())
    }
    checks.append(try await pythonCheck())
    return checks
  }

  private func servicesCheck(_ status: SystemStatus) -> HealthCheck {
    let absent = status.services.filter { $0.status != .up }
    if absent.isEmpty { return .ok("services", "all five answer") }
    let names = absent.map { "\($0.name.rawValue) is \($0.status.rawValue)" }.joined(separator: ", ")
    if absent.count == status.services.count {
      return .warn("services", "nothing is up", mend: "gonogo up starts the bus and the services")
    }
    return .fail("services", names, mend: "the log of gonogo up says why; gonogo down, then gonogo up starts them anew")
  }

  private func clockCheck(_ status: SystemStatus) -> HealthCheck {
    let clocks = Set(status.services.filter { $0.status == .up }.map { $0.clock ?? "the system's" })
    if clocks.count > 1 {
      return .fail(
        "clock", "the services run on different clocks: \(clocks.sorted().joined(separator: ", "))",
        mend: "start all of them with the same GONOGO_CLOCK, best by gonogo up")
    }
    if let clock = status.clock ?? settings.clock {
      return .warn("clock", "not the system's: \(clock)", mend: "for real launches start gonogo without a clock")
    }
    return .ok("clock", "the system's, \(SystemClock().now().short)")
  }

  private func lagCheck(_ status: SystemStatus) -> HealthCheck? {
    let behind = status.services.filter { ($0.lag ?? 0) > 10_000 || ($0.unsent ?? 0) > 1_000 }
    guard !behind.isEmpty else { return nil }
    let names = behind.map {
      "\($0.name.rawValue) by \(counted(Int($0.lag ?? 0), "event")), \(counted($0.unsent ?? 0, "announcement")) unsent"
    }
    return .warn(
      "lag", names.joined(separator: "; "), mend: "it should fall; where it does not, the service's log says why")
  }

  /// What the bus refused of what services announced is kept, and tried again when they start.
  static func refusalCheck(_ status: SystemStatus) -> HealthCheck? {
    let concerned = status.services.filter { ($0.refused ?? 0) > 0 }
    guard !concerned.isEmpty else { return nil }
    let names = concerned.map { "\(counted($0.refused ?? 0, "announcement")) of \($0.name.rawValue)" }
    return .warn(
      "announcements", "the bus refused \(names.joined(separator: ", "))",
      mend: "the log of gonogo up says why; they are kept, and tried again at the next start")
  }

  private func rosterCheck() async throws -> HealthCheck {
    do {
      let roster = try await session.call(ChecklistRoutes.showRoster, NoParameters()).value
      guard roster.rosterVersion > 0 else {
        return .warn(
          "roster", "none is adopted: a fresh installation gives the installing user, and everybody else, everything",
          mend: "write people.yaml (gonogo init does) and gonogo roster adopt people.yaml")
      }
      return identityCheck(roster.document)
    } catch let failure as CallError where failure.problem.kind == .forbidden {
      return .warn(
        "roster", failure.problem.detail, mend: "somebody of Product Ops has to put you on the roster (people.yaml)")
    } catch let error where !(error is CancellationError) {
      return .fail("roster", "it cannot be read: \(CommandOutcome(error).text)", mend: "see services")
    }
  }

  private func identityCheck(_ roster: Roster) -> HealthCheck {
    let principal = Self.ownPrincipal
    let mayActForAll = roster.grants.contains { $0.principal == principal && $0.onBehalfOf == "any" }
    let acts = mayActForAll ? ", and may act for anybody" : ""
    guard let person = roster.person(of: principal) else {
      return .warn(
        "roster", "\(roster.people.count) people; you (\(principal)) are none of them\(acts)",
        mend: "add \(principal) to the principals of a person in people.yaml, and adopt it")
    }
    return .ok("roster", "\(roster.people.count) people; you (\(principal)) are \(person)\(acts)")
  }

  private func quarantineCheck() async throws -> HealthCheck {
    do {
      let list = try await session.call(BusRoutes.quarantineList, QuarantineListParameters(max: 1)).value
      guard list.total > 0 else { return .ok("quarantine", "empty") }
      return .warn(
        "quarantine", "\(counted(list.total, "event")) refused or not to be processed",
        mend: "gonogo event quarantine list says why; retry or discard them")
    } catch let error where !(error is CancellationError) {
      return .warn("quarantine", "it cannot be read: \(CommandOutcome(error).text)", mend: "see services and roster")
    }
  }
}
