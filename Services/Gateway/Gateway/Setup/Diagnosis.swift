import Contract
import LaunchModel

/// Checks an installation, from its folders to its roster.
struct Diagnosis: Sendable {
  let session: Session

  var settings: GatewaySettings { session.settings }

  /// Runs all checks, each after the checks that it depends on.
  ///
  /// - Parameter isDeep: whether to have the bus read its whole log.
  /// - Throws: `CancellationError`. A failed check is not an error but part of the result.
  func checks(deep isDeep: Bool = false) async throws -> [HealthCheck] {
    let status = try await SystemStatus(of: session)
    var checks = [settingsCheck, runFolderCheck, dataFolderCheck, socketPathCheck]
    if let room = DiskRoom(of: settings.dataFolder) { checks.append(Self.roomCheck(room, status)) }
    checks += [executablesCheck, descriptorCheck, zoneCheck, zeroMQCheck]
    checks += [Self.servicesCheck(status), clockCheck(status)]
    if let database = Self.databaseCheck(status) { checks.append(database) }
    if let lag = lagCheck(status) { checks.append(lag) }
    if let rejections = Self.rejectionCheck(status) { checks.append(rejections) }
    if let signals = Self.signalCheck(status) { checks.append(signals) }
    if let user = userCheck() { checks.append(user) }
    if status.services.contains(where: { $0.name == .checklist && $0.status == .up }) {
      checks.append(try await rosterCheck())
      if let references = try await referenceCheck() { checks.append(references) }
    }
    if status.services.contains(where: { $0.name == .bus && $0.status == .up }) {
      checks.append(isDeep ? try await wholeLogCheck(status) : Self.logCheck(status))
      checks.append(try await quarantineCheck())
    }
    if status.services.contains(where: { $0.name == .metrics && $0.status == .up }), let feeds = try await feedCheck() {
      checks.append(feeds)
    }
    if let audit = try await auditCheck(status) { checks.append(audit) }
    checks.append(try await pythonCheck())
    return checks
  }

  static func servicesCheck(_ status: SystemStatus) -> HealthCheck {
    let absent = status.services.filter { $0.status != .up || $0.restarts != nil }
    if absent.isEmpty { return .ok("services", "all five answer") }
    let now = SystemClock().now()
    let names = absent.map { service in
      "\(service.name.rawValue) is \(service.status.rawValue)"
        + (service.restarts.map { " (\($0.summary(at: now)))" } ?? "")
    }.joined(separator: ", ")
    if absent.count == status.services.count, !absent.contains(where: { $0.restarts != nil }) {
      return .fail("services", "none is running", fix: "start the bus and the services with gonogo up")
    }
    if absent.allSatisfy({ $0.status == .up }) {
      return .warn("services", names, fix: "see the log of gonogo up for the reason")
    }
    return .fail(
      "services", names, fix: "see the log of gonogo up for the reason; restart with gonogo down and gonogo up")
  }

  private func clockCheck(_ status: SystemStatus) -> HealthCheck {
    let clocks = Set(status.services.filter { $0.status == .up }.map { $0.clock ?? "the system's" })
    if clocks.count > 1 {
      return .fail(
        "clock", "the services run on different clocks: \(clocks.sorted().joined(separator: ", "))",
        fix: "start all of them with the same GONOGO_CLOCK, best with gonogo up")
    }
    if let clock = status.clock ?? settings.clock {
      return .warn("clock", "simulated: \(clock)", fix: "for real launches, start gonogo without --clock")
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
      "lag", names.joined(separator: "; "), fix: "it should shrink by itself; if it does not, see the service's log")
  }

  /// Reports the services that cannot use their stores, with the database's reasons; returns nil if all can.
  static func databaseCheck(_ status: SystemStatus) -> HealthCheck? {
    let concerned = status.services.filter { $0.outage != nil }
    guard !concerned.isEmpty else { return nil }
    let reasons = Dictionary(grouping: concerned) { $0.outage ?? "" }.sorted { $0.key < $1.key }
    let details = reasons.map { reason, services in
      let names = services.map { service in
        [service.name.rawValue, service.endpoint.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
      }
      return "\(names.joined(separator: ", ")): \(reason)"
    }
    return .fail(
      "database", details.joined(separator: "; "),
      fix: "make the database reachable from these hosts again; the services then resume by themselves")
  }

  /// Reports announcements that the bus rejected; they are kept, and sent again when the service starts.
  static func rejectionCheck(_ status: SystemStatus) -> HealthCheck? {
    let concerned = status.services.filter { ($0.refused ?? 0) > 0 }
    guard !concerned.isEmpty else { return nil }
    let names = concerned.map { "\(counted($0.refused ?? 0, "announcement")) from \($0.name.rawValue)" }
    return .fail(
      "announcements", "the bus rejected \(names.joined(separator: ", "))",
      fix: "see the log of gonogo up for the reason; they are kept, and sent again at the next start")
  }

  /// Reports events that were stored but are not read by any service.
  static func signalCheck(_ status: SystemStatus) -> HealthCheck? {
    let unknown = status.services.flatMap { $0.unknownSignals ?? [] }
    guard !unknown.isEmpty else { return nil }
    let counts = Dictionary(grouping: unknown, by: \.type).map { type, entries in
      (type: type, count: entries.reduce(0) { $0 + $1.count }, last: entries.map(\.lastOffset).max() ?? 0)
    }.sorted { $0.type < $1.type }
    let texts = counts.map { entry in
      let hint = Suggestion.text(for: entry.type, among: SignalType.allCases.map(\.rawValue))
      return "\(counted(entry.count, "event")) of type \(entry.type)\(hint), the latest at offset \(entry.last)"
    }
    return .warn(
      "signals", "no service reads \(texts.joined(separator: "; "))",
      fix: "correct the type in the system that publishes them, and publish them again with new ids")
  }

  private func rosterCheck() async throws -> HealthCheck {
    do {
      let roster = try await session.call(ChecklistRoutes.showRoster, NoParameters()).value
      guard roster.rosterVersion > 0 else {
        return .warn(
          "roster", "none is adopted, so everyone may do everything",
          fix: "write people.yaml (gonogo init does), then gonogo roster adopt people.yaml")
      }
      return identityCheck(roster.document)
    } catch let failure as CallError where failure.problem.kind == .forbidden {
      return .warn(
        "roster", failure.problem.detail, fix: "ask Product Ops to add you to the roster (people.yaml) and adopt it")
    } catch let error where !(error is CancellationError) {
      return .fail("roster", "cannot be read: \(Self.reason(error))", fix: "fix the services first")
    }
  }

  /// Checks the references between roster, template and launches; returns nil if they cannot be read, which
  /// `rosterCheck` reports.
  private func referenceCheck() async throws -> HealthCheck? {
    do {
      let faults = try await session.call(ChecklistRoutes.checkRoster, NoParameters()).value.faults
      guard !faults.isEmpty else {
        return .ok("references", "everybody named by the template or a launch is on the roster")
      }
      let shown = faults.prefix(5).map(\.detail).joined(separator: "; ")
      return .warn(
        "references", faults.count > 5 ? "\(shown); and \(faults.count - 5) more" : shown,
        fix: "see gonogo roster check; correct people.yaml or the template and adopt it, or name other people")
    } catch let error where !(error is CancellationError) {
      return nil
    }
  }

  /// Checks whether metrics can follow more feeds; returns nil if it can, or if that cannot be read, which
  /// `servicesCheck` reports.
  private func feedCheck() async throws -> HealthCheck? {
    do {
      return Self.feedCheck(try await session.call(MetricsRoutes.feeds, FeedsRequest()).value)
    } catch let error where !(error is CancellationError) {
      return nil
    }
  }

  static func feedCheck(_ view: FeedsView) -> HealthCheck? {
    guard (view.full ?? false) || view.incomplete != nil else { return nil }
    let incomplete = view.incomplete.map { types in
      "; not all sources of \(types.joined(separator: ", ")) are, so figures that rest on it are not known"
    }
    return .warn(
      "feeds",
      "\(view.feeds.count) feeds are tracked, which is the limit: new feeds are tracked only if a plan uses their type"
        + (incomplete ?? ""),
      fix: "let producers publish under a few sources, not one per host or process; see gonogo metric feeds")
  }

  /// Whether the stores hold what the audit chains say, and the bus every announcement; nil while anything is down.
  private func auditCheck(_ status: SystemStatus) async throws -> HealthCheck? {
    guard status.services.allSatisfy({ $0.status == .up }) else { return nil }
    do {
      return Self.auditCheck(try await ChainVerification(session: session, launch: nil).report())
    } catch let error where !(error is CancellationError) {
      return .warn("audit", "cannot be checked: \(Self.reason(error))", fix: "fix the services and the roster first")
    }
  }

  static func auditCheck(_ report: AuditReport) -> HealthCheck {
    guard report.isBroken else {
      return report.unreachable.isEmpty
        ? .ok("audit", "the chains are intact, and the stores match them")
        : .warn("audit", "not checked in time", fix: "see gonogo audit verify, with a longer --timeout")
    }
    let broken = report.services.flatMap { service in
      service.chains.compactMap { chain in
        chain.broken.map { "\(service.service.rawValue), \(chain.launch), link \($0.length): \($0.detail)" }
      }
    }
    let shown = broken.prefix(3).joined(separator: "; ")
    return .fail(
      "audit", broken.count > 3 ? "\(shown); and \(broken.count - 3) more" : shown,
      fix: "see gonogo audit verify, and docs/operations.md, \"A store that was changed outside gonogo\"")
  }

  private func identityCheck(_ roster: Roster) -> HealthCheck {
    let principal = Self.ownPrincipal
    let mayActForAll = roster.grants.contains { $0.principal == principal && $0.onBehalfOf == "any" }
    let acts = mayActForAll ? ", and may act on behalf of anyone" : ""
    guard let person = roster.person(of: principal) else {
      return .warn(
        "roster", "\(roster.people.count) people; you (\(principal)) are not one of them\(acts)",
        fix: "add \(principal) to the principals of a person in people.yaml, and adopt it")
    }
    return .ok("roster", "\(roster.people.count) people; you (\(principal)) are \(person)\(acts)")
  }

  private func quarantineCheck() async throws -> HealthCheck {
    do {
      let list = try await session.call(BusRoutes.quarantineList, QuarantineListParameters(max: 1)).value
      guard list.total > 0 else { return .ok("quarantine", "empty") }
      return .warn(
        "quarantine", "\(counted(list.total, "event")) rejected or not processed",
        fix: "see gonogo event quarantine list for the reasons; retry or discard them")
    } catch let error where !(error is CancellationError) {
      return .warn(
        "quarantine", "cannot be read: \(Self.reason(error))", fix: "fix the services and the roster first")
    }
  }

  static func reason(_ error: any Error) -> String {
    GatewayError(describing: error)?.messages.joined(separator: "; ") ?? "\(error)"
  }
}

/// The result of one check of `gonogo doctor`.
struct HealthCheck: Codable, Sendable, Hashable {
  /// The verdict of a check.
  enum Verdict: String, Codable, Sendable, Hashable, CaseIterable {
    case ok, warn, fail
  }

  /// The name of the check, for example `services`.
  var name: String
  /// The verdict, for example `warn`.
  var verdict: Verdict
  /// What was found, for example `nothing is up`.
  var detail: String
  /// How to fix it; nil if there is nothing to fix.
  var fix: String?

  static func ok(_ name: String, _ detail: String) -> HealthCheck {
    HealthCheck(name: name, verdict: .ok, detail: detail)
  }

  static func warn(_ name: String, _ detail: String, fix: String) -> HealthCheck {
    HealthCheck(name: name, verdict: .warn, detail: detail, fix: fix)
  }

  static func fail(_ name: String, _ detail: String, fix: String) -> HealthCheck {
    HealthCheck(name: name, verdict: .fail, detail: detail, fix: fix)
  }

  private enum CodingKeys: String, CodingKey {
    case name, verdict, detail, fix
    /// The former name of `fix`, for scripts that still read it.
    case mend
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(detail, forKey: .detail)
    try container.encodeIfPresent(fix, forKey: .fix)
    try container.encodeIfPresent(fix, forKey: .mend)
  }
}

extension HealthCheck {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    verdict = try container.decode(Verdict.self, forKey: .verdict)
    detail = try container.decode(String.self, forKey: .detail)
    fix = try container.decodeIfPresent(String.self, forKey: .fix)
  }
}

/// The results of all checks.
struct HealthReport: Codable, Sendable, Hashable {
  /// The checks, each after the checks that it depends on.
  var checks: [HealthCheck]

  var isHealthy: Bool { !checks.contains { $0.verdict == .fail } }
}

extension HealthReport: Displayable {
  func display(on page: inout Page) {
    page.fields(
      checks.map { check in
        Page.Field(name: check.name, value: Text("\(check.verdict.rawValue): \(check.detail)", check.verdict.tone))
      })
    page.section("How to fix", checks.compactMap { check in check.fix.map { Text("\(check.name): \($0)") } })
    if !isHealthy { page.paragraph(Text("Something is wrong: fix the failed checks.", .bad)) }
  }
}

extension HealthCheck.Verdict {
  fileprivate var tone: Text.Tone {
    switch self {
    case .ok: .plain
    case .warn: .warning
    case .fail: .bad
    }
  }
}
