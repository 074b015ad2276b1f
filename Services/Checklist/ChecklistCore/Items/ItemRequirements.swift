import Contract
public import LaunchModel

/// What the requirements of a launch's items are checked against.
public struct LaunchSituation: Sendable {
  /// The adopted roster; nil before there is one, when no people are required.
  public var roster: Roster?
  /// The launch's plan.
  public var plan: LaunchPlan
  /// The rules of the launch's zone.
  public var zone: ZoneRules
  /// The local day in the launch's zone.
  public var today: LocalDate
  /// When customers first had the launch; nil before that.
  public var exposedSince: Timestamp?
  /// Whether its success metrics are sealed.
  public var isSealed: Bool
  /// How its roster of shifts covers the days after the launch; nil if it has none.
  public var hypercare: HypercareCoverage?

  /// The day of the first exposure, in the launch's zone; nil before that.
  var exposedOn: LocalDate? { exposedSince.map(zone.localDate(at:)) }
}

/// Something that an item asks for and does not have.
enum MissingRequirement: Sendable, Hashable {
  /// Evidence of these kinds.
  case evidence([EvidenceKind])
  /// Attendees from these functions, of all that must be represented.
  case attendees(from: [LaunchFunction], of: [LaunchFunction])
  /// One person attended for several functions.
  case anotherAttendee(of: [LaunchFunction])
  /// People who are named and are not on the roster.
  case unknown([PersonID])
  /// The person who executes what the item documents.
  case executor
  /// A rollout in the launch's plan: why the present one is not enough.
  case rollout(String)
  /// The meeting has not taken place, and nothing confirms its slot.
  case meeting(LocalDate)
  /// The launch's first exposure, before which an item of the phase after cannot be done.
  case exposure(on: LocalDate?)
  /// A day that has not come yet.
  case day(LocalDate)
  /// The seal of the launch's success metrics, which completes the item.
  case seal

  /// What is missing, for lists and histories.
  var text: String {
    switch self {
    case .evidence(let kinds): "evidence: \(kinds.map(\.rawValue).joined(separator: ", "))"
    case .attendees(let absent, _): "attendees from \(absent.map(\.title).joined(separator: " and "))"
    case .anotherAttendee(let functions):
      "different attendees for \(functions.map(\.title).joined(separator: " and "))"
    case .unknown(let people):
      "people on the roster: \(people.listed) \(people.count == 1 ? "is" : "are") not"
    case .executor: "the person who executes it"
    case .rollout(let why): "a rollout in the launch's plan: \(why)"
    case .meeting(let day): "the meeting on \(day), or evidence of its confirmed slot"
    case .exposure(let day):
      day.map { "a day not before the exposure on \($0)" } ?? "the launch's exposure, after which it is done"
    case .day(let day): "the day it happened: \(day) is in the future"
    case .seal: "the seal of the success metrics (gonogo metric seal)"
    }
  }

  /// The refusal to mark the item as done or to submit it.
  func refusal(of name: String) -> Problem {
    switch self {
    case .evidence(let kinds):
      let fix = kinds == [.attendance] ? "name who attended (--attended)" : "attach it first"
      return .missing(
        "evidence",
        "\(name) lacks required evidence: \(kinds.map(\.rawValue).joined(separator: ", ")); \(fix)")
    case .attendees(let absent, let required):
      return .unfit(
        "attended",
        "\(name) needs attendees from \(required.map(\.title).joined(separator: " and ")); nobody attended from "
          + absent.map(\.title).joined(separator: " or "))
    case .anotherAttendee(let required):
      return .unfit(
        "attended",
        "\(name) needs attendees from \(required.map(\.title).joined(separator: " and ")), and one person stands for "
          + "only one of them; name another (--attended). The presenter does not count")
    case .unknown(let people):
      let names = people.map(\.excerpt).joined(separator: ", ")
      return .unfit(
        "attended",
        "\(name) names people who are not on the roster: \(names); name others (--attended, --presenter or --person)")
    case .executor:
      return .missing(
        "evidence",
        "\(name) must name who executes it: name someone on the roster (--person, or in the text), or assign the item "
          + "to them")
    case .rollout(let why):
      return .conflict(
        "rollout-missing", "\(name) is done once the launch has a rollout: \(why) (gonogo launch set)")
    case .meeting(let day):
      return .missing(
        "evidence",
        "\(name) is done on the meeting's date, \(day), or after it; before that attach evidence of the confirmed slot "
          + "(--link or --evidence)")
    case .exposure(let day):
      return .conflict(
        "not-exposed-yet",
        day.map { "\(name) is done after the launch, whose exposure began on \($0); give a later day (--on)" }
          ?? "\(name) is done after the launch, which has not been exposed to anybody yet (gonogo launch ship)")
    case .day(let day): return .unfit("on", "\(day) is in the future")
    case .seal:
      return .conflict(
        "completed-by-metrics", "\(name) becomes done when the launch's metric plan is sealed (gonogo metric seal)")
    }
  }
}

extension TemplateItem {
  /// The functions that must each have an attendee (product.md, section 2): the demo is given to CS and Support.
  var requiredAttendees: [LaunchFunction] { key == "internal-demo" ? [.cs, .support] : [] }

  /// Whether it must name the person who executes what it documents, such as a rollback.
  var needsExecutor: Bool { key == "rollback-procedure" }

  /// Whether it asserts that the launch has a rollout.
  var needsRollout: Bool { key == "rollout-plan" }

  /// Whether the seal of the launch's success metrics completes it.
  var awaitsSeal: Bool { completedBy?.type == Announcements.metricsSealed.name }
}

extension ChecklistItem {
  /// The kinds of evidence that the template item requires and that are not attached yet; evidence against the item does
  /// not count, nor the attendance of what has to happen again.
  public var missingEvidence: [EvidenceKind] {
    definition.evidence.filter { kind in
      kind == .attendance ? attended.isEmpty : !evidence.contains { $0.kind == kind && !$0.isContrary }
    }
  }

  /// Everything that the item asks for and does not have, whoever or whatever wants to complete it (product.md, section 2,
  /// rule 9).
  ///
  /// - Parameter day: the day on which it happened.
  func missingRequirements(on day: LocalDate, in launch: LaunchSituation) -> [MissingRequirement] {
    var missing: [MissingRequirement] = []
    if day > launch.today { missing.append(.day(day)) }
    if definition.phase == .after, launch.exposedOn.map({ day < $0 }) ?? true {
      missing.append(.exposure(on: launch.exposedOn))
    }
    if !missingEvidence.isEmpty { missing.append(.evidence(missingEvidence)) }
    if let roster = launch.roster { missing += missingPeople(on: roster) }
    return missing + missingAssertions(on: day, about: launch.plan)
  }

  /// What the item asserts about the launch's plan and does not hold.
  private func missingAssertions(on day: LocalDate, about plan: LaunchPlan) -> [MissingRequirement] {
    var missing: [MissingRequirement] = []
    if definition.needsRollout, let fault = Self.fault(of: plan.rollout) { missing.append(.rollout(fault)) }
    if definition.key == TemplateItem.allHandsKey, let meeting = plan.allHands, day < meeting,
      !evidence.contains(where: { $0.kind != .event && !$0.isContrary })
    {
      missing.append(.meeting(meeting))
    }
    return missing
  }

  /// What a done item asserted and no longer holds, because the launch or the roster has changed since: the rollout, the
  /// All-Hands date, and who executes what it documents.
  ///
  /// What happened stands: people who attended, presented, approved or waived may leave the roster.
  func lostRequirements(in launch: LaunchSituation) -> [MissingRequirement] {
    guard state == .done else { return [] }
    var lost = missingAssertions(on: doneOn ?? launch.today, about: launch.plan)
    if let roster = launch.roster, definition.needsExecutor, executor(on: roster) == nil {
      lost.append(namedExecutor.map { .unknown([$0]) } ?? .executor)
    }
    return lost
  }

  /// What it lacks before it can be done today, or has lost since it was done, for lists; empty if it is satisfied.
  func missingTexts(in launch: LaunchSituation) -> [String] {
    switch state {
    case .done: return lostRequirements(in: launch).map(\.text)
    case .open, .inProgress, .blocked, .inReview:
      let seal: [MissingRequirement] = definition.awaitsSeal && !launch.isSealed ? [.seal] : []
      return (missingRequirements(on: launch.today, in: launch) + seal).map(\.text)
        + [unmetByEvent].compactMap(\.self) + (launch.roster.map(unreachableApprovals) ?? [])
    case .waived, .notApplicable, .voided: return []
    }
  }

  /// Throws if something that the item asks for is missing.
  func requireComplete(on day: LocalDate, in context: ItemContext) throws(Problem) {
    guard let first = missingRequirements(on: day, in: context.launch).first else { return }
    throw first.refusal(of: name)
  }

  private func missingPeople(on roster: Roster) -> [MissingRequirement] {
    var missing: [MissingRequirement] = []
    let named = Set(attended + [presenter, person].compactMap(\.self)).sorted()
    let unknown = named.filter { roster.people[$0] == nil }
    if !unknown.isEmpty { missing.append(.unknown(unknown)) }
    if let fault = missingAttendees(on: roster) { missing.append(fault) }
    if definition.needsExecutor, executorByEvidence(on: roster) == nil { missing.append(.executor) }
    return missing
  }

  /// Different people of all required functions must have attended, the presenter not counted.
  private func missingAttendees(on roster: Roster) -> MissingRequirement? {
    let required = definition.requiredAttendees
    let candidates = required.map { function in
      attended.filter { $0 != presenter && (roster.people[$0]?.functions.contains(function) ?? false) }
    }
    let absent = zip(required, candidates).filter { $1.isEmpty }.map(\.0)
    guard absent.isEmpty else { return .attendees(from: absent, of: required) }
    return DistinctChoice.isPossible(from: candidates) ? nil : .anotherAttendee(of: required)
  }

  /// Who executes what the item documents, on the roster or not; nil if nobody is named.
  var namedExecutor: PersonID? { person ?? (state == .done ? executedBy : nil) }

  /// The person on the roster who executes what the item documents: the one found when it became done, else by its
  /// evidence; nil if there is none.
  func executor(on roster: Roster) -> PersonID? {
    guard let namedExecutor else { return executorByEvidence(on: roster) }
    return roster.people[namedExecutor] == nil ? nil : namedExecutor
  }

  /// The person on the roster who executes what the item documents: the one named as such, else the one whom the text
  /// evidence names by key or full name, else the item's owner; nil if there is none.
  func executorByEvidence(on roster: Roster) -> PersonID? {
    if let person { return roster.people[person] == nil ? nil : person }
    let texts = evidence.filter { $0.kind == .text && !$0.isContrary }.map { words($0.value) }
    let named = roster.people.sorted { $0.key < $1.key }.first { key, person in
      let names = [key, person.name].map(words).filter { !$0.isEmpty }
      return texts.contains { text in names.contains { text.contains($0) } }
    }
    return named?.key ?? owner.flatMap { roster.people[$0] == nil ? nil : $0 }
  }

  private func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "_" }
  }

  /// Why a rollout is not a plan yet; nil if it is full, or has a flag and stages that rise to 100.
  private static func fault(of rollout: Rollout?) -> String? {
    guard let rollout else { return "it has none; add rollout with kind full or gradual" }
    guard rollout.kind == .gradual else { return nil }
    guard rollout.stages.last == 100 else { return "its stages do not rise to 100" }
    return rollout.flag == nil ? "it is gradual and names no flag" : nil
  }
}

extension [PersonID] {
  /// The names as in a sentence: `a, b and c`.
  var listed: String {
    count < 2 ? joined() : dropLast().joined(separator: ", ") + " and \(self[count - 1])"
  }
}
