import ChecklistCore
import Contract
import LaunchModel

/// A small organization, template and launch that tests vary.
enum Fixture {
  /// Tuesday, 2027-03-02, in New York.
  static let date = day("2027-03-02")
  static let zone = "America/New_York"
  static let launch = [LaunchID("smart-routing")].compactMap(\.self)[0]

  static func day(_ text: String) -> LocalDate { LocalDate(text) ?? LocalDate(ordinal: 0) }

  static func at(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(microseconds: 0) }

  static let roster = Roster(
    people: [
      "dana": Person(name: "Dana", functions: [.productOps], lead: [.productOps], roles: ["product-ops"]),
      "ibrahim": Person(name: "Ibrahim", functions: [.engineering], lead: [.engineering]),
      "erin": Person(name: "Erin", functions: [.engineering]),
      "petra": Person(name: "Petra", functions: [.product], lead: [.product]),
      "mia": Person(name: "Mia", functions: [.marketing], lead: [.marketing]),
      "max": Person(name: "Max", functions: [.marketing]),
      "lena": Person(name: "Lena", groups: ["legal"]),
      "lex": Person(name: "Lex", functions: [.product], groups: ["legal"]),
      "cora": Person(name: "Cora", functions: [.cs], lead: [.cs]),
      "sam": Person(name: "Sam", functions: [.support], lead: [.support]),
    ])

  static func actor(_ person: PersonID, claimed: Bool = false, roster: Roster = roster) -> Actor {
    Actor(person: person, principal: Principal("uid:7"), isClaimed: claimed, entry: roster.people[person])
  }

  static func item(
    _ key: ItemKey, _ function: LaunchFunction = .engineering, tiers: [Tier] = Tier.allCases, due: Int = -5,
    gate: GateKind = .blocking, condition: Flag? = nil, when: FactCondition? = nil, expand: Expansion? = nil,
    approvals: [ApprovalRule] = [], review: Bool = false, evidence: [EvidenceKind] = [],
    requires: [Requirement]? = nil, completedBy: CompletionRule? = nil, dependencies: [ItemKey] = [],
    shelfLife: Int? = nil, strict: Bool = false, phase: ItemPhase = .before, ownerRole: String? = nil
  ) -> TemplateItem {
    TemplateItem(
      key: key, title: key, section: function.title, function: function, tiers: tiers, ownerRole: ownerRole,
      due: DueRule(offset: due, unit: .business), gate: gate, condition: condition, when: when,
      expand: expand, approvals: approvals, review: review, evidence: evidence, requires: requires,
      completedBy: completedBy, dependencies: dependencies, shelfLifeDays: shelfLife, strict: strict, phase: phase,
      why: "a test needs it")
  }

  static func record(
    tier: Tier = .major, date: LocalDate = date, flags: [Flag: Stated<Bool>] = [:], locales: [String] = ["en"],
    segments: [String] = [], calendar: String? = nil, calendars: [String: String] = [:],
    rollout: Rollout? = Rollout(kind: .gradual, flag: "smart", stages: [5, 25, 100]), version: Int = 1,
    shortfall: Shortfall? = nil, status: LaunchStatus = .preparing
  ) -> LaunchRecord {
    LaunchRecord(
      plan: LaunchPlan(
        launch: launch, name: "Smart routing", owner: "petra",
        feature: "smart-routing", date: date, timeZone: zone, calendar: calendar, calendars: calendars,
        locales: locales, segments: segments, facts: Facts(kinds: [.newSurface], flags: flags), rollout: rollout),
      tier: tier, tierComputed: tier, tierReasons: [], assumed: [], openQuestions: [], alternatives: [],
      reachedOn: [:], earliestDate: date, shortfall: shortfall, status: status, version: version,
      proposedAt: at("2027-01-04T09:00:00Z"), proposedBy: "petra")
  }

  static func template(_ items: TemplateItem..., version: Int = 1) -> ChecklistTemplate {
    ChecklistTemplate(version: version, items: items)
  }

  /// Noon in New York on that day.
  static func noon(
    _ day: String, roster: Roster? = roster, record: LaunchRecord = record(),
    calendars: CalendarSet = CalendarSet([:])
  ) throws -> LaunchMoment {
    LaunchMoment(
      now: at("\(day)T17:00:00Z"), zone: try ZoneRules(zone),
      calendars: LaunchCalendars(of: record.plan, from: calendars), roster: roster)
  }

  static func checklist(_ record: LaunchRecord, _ items: TemplateItem...) -> LaunchChecklist {
    LaunchChecklist(
      of: record, from: ChecklistTemplate(version: 1, items: items),
      in: LaunchCalendars(of: record.plan, from: CalendarSet([:])))
  }
}

extension LaunchChecklist {
  /// Acts on an item of the smart-routing launch.
  @discardableResult
  mutating func act(
    _ verb: ItemVerb, _ key: ItemKey, as person: PersonID, on day: String = "2027-02-01", instance: String? = nil,
    claimed: Bool = false, roster: Roster = Fixture.roster, _ change: (inout ItemAction) -> Void = { _ in }
  ) throws -> ItemEvent {
    var action = ItemAction(launch: launch, key: key, instance: instance)
    if verb.needsReason { action.reason = "because" }
    change(&action)
    let moment = try Fixture.noon(day, roster: roster, record: record)
    let event = try perform(
      verb, action, on: ItemReference(key: key, instance: action.instance),
      by: Fixture.actor(person, claimed: claimed, roster: roster), at: moment)
    recordWaits(at: moment.now)
    return event
  }

  func state(_ key: ItemKey, _ instance: String? = nil) -> ItemState? {
    items.first { $0.definition.key == key && (instance == nil || $0.instance == instance) }?.state
  }
}

/// The code of the problem that the body throws; nil if it throws none.
func refusal(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch let problem as Problem {
    return problem.code
  } catch {
    return "\(error)"
  }
}
