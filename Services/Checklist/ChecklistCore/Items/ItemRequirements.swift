import Contract
public import LaunchModel

extension TemplateItem {
  /// The item's requirements: its `requires` or, in the older form, those implied by its key.
  ///
  /// Evidence and an executor that the older form requires are not included, because they are checked separately.
  var requirements: [Requirement] {
    if let requires { return requires }
    switch key {
    case "internal-demo": return [.people([.cs, .support])]
    case "rollout-plan": return [.field(.rollout)]
    case Self.allHandsKey: return [.date(.allHands)]
    default: return []
    }
  }

  /// The functions that must each have an attendee.
  var requiredAttendees: [LaunchFunction] {
    requirements.flatMap { requirement -> [LaunchFunction] in
      guard case .people(let functions) = requirement else { return [] }
      return functions
    }
  }

  /// Whether the person who reports attendance counts as the presenter if nobody else is named; always false in the
  /// older form.
  var presumesPresenter: Bool { requires != nil && !requiredAttendees.isEmpty }

  /// Whether it must name the person who executes what it documents, such as a rollback.
  var needsExecutor: Bool {
    guard let requires else { return key == "rollback-procedure" }
    return requires.contains { if case .person = $0 { true } else { false } }
  }

  /// Whether completing the item requires more than somebody ticking it off.
  public var assertsSomething: Bool {
    !requirements.isEmpty || !evidence.isEmpty || needsExecutor || awaitsSeal || review || !approvals.isEmpty
  }

  /// Whether the item is completed by the seal of the launch's success metrics.
  var awaitsSeal: Bool { completedBy?.type == Announcements.metricsSealed.name }
}

extension ChecklistItem {
  /// The kinds of evidence that the template item requires and that are not attached. Evidence against the item does
  /// not count, and neither does the attendance of something that has to be repeated.
  public var missingEvidence: [EvidenceKind] {
    definition.evidence.filter { kind in
      kind == .attendance ? attended.isEmpty : !evidence.contains { $0.kind == kind && !$0.isContrary }
    }
  }

  /// Returns everything that the item requires and lacks, whether a person or an event would complete it (product.md,
  /// section 2, rules 9 and 10).
  ///
  /// - Parameter day: the day on which the work was done.
  func missingRequirements(on day: LocalDate, in launch: LaunchSituation) -> [MissingRequirement] {
    var missing: [MissingRequirement] = []
    if day > launch.today { missing.append(.day(day)) }
    if definition.phase == .after, launch.exposedOn.map({ day < $0 }) ?? true {
      missing.append(.exposure(on: launch.exposedOn))
    }
    if !missingEvidence.isEmpty { missing.append(.evidence(missingEvidence)) }
    missing += definition.requirements.compactMap(missingForm)
    missing += missingPeople(on: launch.roster)
    return missing + missingAssertions(on: day, in: launch)
  }

  /// Returns the accepted forms of required evidence if none of them is attached; nil if one is, or if the requirement
  /// is of another kind.
  private func missingForm(_ requirement: Requirement) -> MissingRequirement? {
    guard case .evidence(let forms) = requirement else { return nil }
    let isMet = evidence.contains { piece in !piece.isContrary && forms.contains { $0.accepts(piece) } }
    return isMet ? nil : .form(forms)
  }

  /// Returns what the item asserts about the launch and the launch does not fulfil.
  private func missingAssertions(on day: LocalDate, in launch: LaunchSituation) -> [MissingRequirement] {
    definition.requirements.compactMap { requirement -> MissingRequirement? in
      switch requirement {
      case .field(.rollout): Self.fault(of: launch.plan.rollout).map { MissingRequirement.rollout($0) }
      case .field(.flag): launch.plan.rollout?.flag == nil ? .field(.flag) : nil
      case .field(.allHands): launch.plan.allHands == nil ? .field(.allHands) : nil
      case .date(.allHands): missingMeeting(on: day, in: launch.plan)
      case .date(.date): day < launch.plan.date ? .launchDate(launch.plan.date) : nil
      case .shifts(let days): missingShifts(for: days, in: launch)
      case .evidence, .person, .people: nil
      }
    }
  }

  /// Returns the hypercare shifts that the item requires and the roster lacks. Once customers have the launch, gaps are
  /// only shown and no longer reopen a done item.
  private func missingShifts(for days: Int, in launch: LaunchSituation) -> MissingRequirement? {
    if state == .done, launch.exposedSince != nil { return nil }
    guard let coverage = launch.hypercare else { return .shifts(days: days, gaps: nil) }
    let gaps = coverage.gaps(days: days)
    return gaps.isEmpty ? nil : .shifts(days: days, gaps: gaps)
  }

  /// Returns what is missing for the meeting; nil if it has taken place or evidence confirms its slot. In the older
  /// form, a launch without a date for the meeting lacks nothing.
  private func missingMeeting(on day: LocalDate, in plan: LaunchPlan) -> MissingRequirement? {
    guard !evidence.contains(where: { $0.kind != .event && !$0.isContrary }) else { return nil }
    guard let meeting = plan.allHands else { return definition.requires == nil ? nil : .field(.allHands) }
    return day < meeting ? .meeting(meeting) : nil
  }

  /// Returns what a done item asserted and is no longer true, because the launch or a roster has changed since: fields,
  /// days and shifts of the launch, and who executes what the item documents.
  ///
  /// Past events are not checked again: people who attended, presented, approved or waived may leave the roster.
  func lostRequirements(in launch: LaunchSituation) -> [MissingRequirement] {
    guard state == .done else { return [] }
    var lost = missingAssertions(on: doneOn ?? launch.today, in: launch)
    if let roster = launch.roster, definition.needsExecutor, executor(on: roster) == nil {
      lost.append(namedExecutor.map { .unknown([$0]) } ?? .executor)
    }
    return lost
  }

  /// What the item lacks before it can be done today, or has lost since it was done, as texts for lists; empty if it
  /// lacks nothing.
  func missingTexts(in launch: LaunchSituation) -> [String] {
    switch state {
    case .done: return lostRequirements(in: launch).map(\.text)
    case .open, .inProgress, .blocked, .inReview:
      return awaitedTexts(in: launch) + (launch.roster.map(unreachableApprovals) ?? [])
    case .waived, .notApplicable, .voided: return []
    }
  }

  /// What an item that is not done still requires, and what kept the newest event from completing it.
  func awaitedTexts(in launch: LaunchSituation) -> [String] {
    let seal: [MissingRequirement] = definition.awaitsSeal && !launch.isSealed ? [.seal] : []
    return (missingRequirements(on: launch.today, in: launch) + seal).map(\.text) + [unmetByEvent].compactMap(\.self)
  }

  /// Throws if the item lacks something that it requires.
  func requireComplete(on day: LocalDate, in context: ItemContext) throws(Problem) {
    guard let first = missingRequirements(on: day, in: context.launch).first else { return }
    throw first.refusal(of: name)
  }

  /// Returns the people whom the item requires and lacks. Without a roster, the current form requires that people are
  /// named, whoever they are.
  private func missingPeople(on roster: Roster?) -> [MissingRequirement] {
    let persons = definition.requirements.compactMap { missingPerson($0, on: roster) }
    guard let roster else {
      let isUnattended = definition.presumesPresenter && attended.isEmpty
      return (isUnattended ? [.evidence([.attendance])] : []) + persons
    }
    var missing: [MissingRequirement] = []
    let named = Set(attended + [presenter, person].compactMap(\.self)).sorted()
    let unknown = named.filter { roster.people[$0] == nil }
    if !unknown.isEmpty { missing.append(.unknown(unknown)) }
    if let fault = missingAttendees(on: roster) { missing.append(fault) }
    if definition.requires == nil, definition.needsExecutor, executorByEvidence(on: roster) == nil {
      missing.append(.executor)
    }
    return missing + persons
  }

  /// Returns what is missing for a required person, who must have the role if anybody on the roster has it.
  private func missingPerson(_ requirement: Requirement, on roster: Roster?) -> MissingRequirement? {
    guard case .person(let role) = requirement else { return nil }
    guard let person else { return .person(role: role) }
    let holders = roster?.holders(of: role) ?? []
    return holders.isEmpty || holders.contains(person) ? nil : .role(role, notOf: person)
  }

  /// Returns the functions without an attendee: each required function must be represented by a different person, not
  /// counting the presenter.
  private func missingAttendees(on roster: Roster) -> MissingRequirement? {
    let required = definition.requiredAttendees
    let candidates = required.map { function in
      attended.filter { $0 != presenter && (roster.people[$0]?.functions.contains(function) ?? false) }
    }
    let absent = zip(required, candidates).filter { $1.isEmpty }.map(\.0)
    guard absent.isEmpty else { return .attendees(from: absent, of: required) }
    return DistinctChoice.isPossible(from: candidates) ? nil : .anotherAttendee(of: required)
  }

  /// The person named to execute what the item documents, whether or not they are on the roster; nil if nobody is
  /// named.
  var namedExecutor: PersonID? { person ?? (state == .done ? executedBy : nil) }

  /// Returns the person on the roster who executes what the item documents: the one named, or else the one found in its
  /// evidence; nil if there is none.
  func executor(on roster: Roster) -> PersonID? {
    guard let namedExecutor else { return executorByEvidence(on: roster) }
    return roster.people[namedExecutor] == nil ? nil : namedExecutor
  }

  /// Returns the person on the roster who executes what the item documents: the one named. In the older form, if nobody
  /// is named, the one whose key or full name occurs in the text evidence, or else the assigned person. Nil if there is
  /// none.
  func executorByEvidence(on roster: Roster) -> PersonID? {
    if let person { return roster.people[person] == nil ? nil : person }
    guard definition.requires == nil else { return nil }
    let texts = evidence.filter { $0.kind == .text && !$0.isContrary }.map { words($0.value) }
    let named = roster.people.sorted { $0.key < $1.key }.first { key, person in
      let names = [key, person.name].map(words).filter { !$0.isEmpty }
      return texts.contains { text in names.contains { text.contains($0) } }
    }
    return named?.key ?? assignee.flatMap { roster.people[$0] == nil ? nil : $0 }
  }

  private func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "_" }
  }

  /// Returns why a rollout is not sufficient; nil if it is full, or has a flag and stages that rise to 100.
  private static func fault(of rollout: Rollout?) -> String? {
    guard let rollout else { return "it has none; add rollout with kind full or gradual" }
    guard rollout.kind == .gradual else { return nil }
    guard rollout.stages.last == 100 else { return "its stages do not rise to 100" }
    return rollout.flag == nil ? "it is gradual and names no flag" : nil
  }
}

extension EvidenceForm {
  /// Whether a piece of evidence has this form.
  func accepts(_ piece: Evidence) -> Bool {
    switch self {
    case .link: piece.kind == .link
    case .text(let characters): piece.kind == .text && piece.value.count >= characters
    case .file: piece.kind == .digest
    case .event: piece.kind == .event
    }
  }
}

/// Something that an item requires and lacks.
enum MissingRequirement: Sendable, Hashable {
  /// Evidence of these kinds.
  case evidence([EvidenceKind])
  /// Attendees from these functions, out of all that must be represented.
  case attendees(from: [LaunchFunction], of: [LaunchFunction])
  /// Another attendee: one person attended for several of these functions.
  case anotherAttendee(of: [LaunchFunction])
  /// Entries on the roster for these people, who are named but not on it.
  case unknown([PersonID])
  /// The person who executes what the item documents.
  case executor
  /// A sufficient rollout in the launch's plan; the value says why the current one is not.
  case rollout(String)
  /// The meeting on this day, which has not taken place and whose slot nothing confirms.
  case meeting(LocalDate)
  /// The launch's first exposure: an item of the phase after the launch cannot be done before it.
  case exposure(on: LocalDate?)
  /// The arrival of this day, which is in the future.
  case day(LocalDate)
  /// The seal of the launch's success metrics, which completes the item.
  case seal
  /// Evidence in one of these forms.
  case form([EvidenceForm])
  /// The person in this role.
  case person(role: String)
  /// A person with this role: the person named does not have it, and others on the roster do.
  case role(String, notOf: PersonID)
  /// A field that is missing from the launch's plan.
  case field(RequiredField)
  /// The launch date, which has not come yet.
  case launchDate(LocalDate)
  /// Hypercare shifts for this many days: their gaps, or nil if there is no roster of shifts.
  case shifts(days: Int, gaps: [HypercareGap]?)

  /// What is missing, in words, for lists and histories.
  var text: String {
    switch self {
    case .evidence(let kinds): "evidence: \(kinds.map(\.rawValue).joined(separator: ", "))"
    case .attendees(let absent, _): "attendees from \(absent.map(\.title).joined(separator: " and "))"
    case .anotherAttendee(let functions):
      "different attendees for \(functions.map(\.title).joined(separator: " and "))"
    case .unknown(let people):
      "people on the roster (\(people.listed) \(people.count == 1 ? "is" : "are") not)"
    case .executor: "the person who executes it"
    case .rollout(let why): "a rollout in the launch's plan: \(why)"
    case .meeting(let day): "the meeting on \(day), or evidence of its confirmed slot"
    case .exposure(let day):
      day.map { "a day on or after the exposure on \($0)" } ?? "the launch's exposure, which comes first"
    case .day(let day): "the day it happened: \(day) is in the future"
    case .seal: "the seal of the success metrics (gonogo metric seal)"
    case .form(let forms): "evidence: \(Self.alternatives(forms))"
    case .person(let role): "the person for \(role) (--person)"
    case .role(let role, notOf: let person): "a person with the role \(role), which \(person) does not have"
    case .field(let field): "the launch's \(Self.name(of: field)) (gonogo launch set)"
    case .launchDate(let day): "the launch date, \(day)"
    case .shifts(days: let days, gaps: nil): "a hypercare roster for \(days) days (gonogo hypercare roster)"
    case .shifts(days: let days, gaps: let gaps?): "hypercare shifts for \(days) days: \(Self.vacancy(gaps))"
    }
  }

  /// The first gap and the number of further gaps: `nobody is on shift from 2027-03-05T00:00 to 2027-03-05T08:00`.
  private static func vacancy(_ gaps: [HypercareGap]) -> String {
    guard let first = gaps.first else { return "" }
    let more = gaps.count == 1 ? "" : ", nor in \(gaps.count - 1) more \(gaps.count == 2 ? "gap" : "gaps")"
    return "nobody is on shift from \(first.from) to \(first.to)\(more)"
  }

  /// The forms as a choice: `a link, a file or a text of at least 40 characters`.
  private static func alternatives(_ forms: [EvidenceForm]) -> String {
    let texts = forms.map(\.text)
    return texts.count < 2 ? texts.joined() : texts.dropLast().joined(separator: ", ") + " or \(texts[texts.count - 1])"
  }

  private static func name(of field: RequiredField) -> String {
    switch field {
    case .rollout: "rollout"
    case .flag: "rollout flag"
    case .allHands: "All-Hands date"
    }
  }

  /// The error for an attempt to mark the item as done or to submit it.
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
        "\(name) needs attendees from \(required.map(\.title).joined(separator: " and ")), and one person counts for "
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
        "rollout-missing", "\(name) cannot be done before the launch has a rollout: \(why) (gonogo launch set)")
    case .meeting(let day):
      return .missing(
        "evidence",
        "\(name) can be done on the meeting's date, \(day), or later; before that, attach evidence of the confirmed "
          + "slot (--link or --evidence)")
    case .exposure(let day):
      return .conflict(
        "not-exposed-yet",
        day.map {
          "\(name) cannot be done before the launch, whose exposure began on \($0); give that day or a later one (--on)"
        }
          ?? "\(name) cannot be done before the launch, which has not been exposed to anybody yet (gonogo launch ship)")
    case .day(let day): return .unfit("on", "\(day) is in the future")
    case .seal:
      return .conflict(
        "completed-by-metrics", "\(name) becomes done when the launch's metric plan is sealed (gonogo metric seal)")
    case .form(let forms):
      return .missing(
        "evidence",
        "\(name) lacks evidence: \(Self.alternatives(forms)); attach it (--link, --file or --evidence)")
    case .person(let role):
      return .missing("person", "\(name) must name a person on the roster for \(role) (--person PERSON)")
    case .role(let role, notOf: let person):
      return .unfit("person", "\(name) needs a person with the role \(role), which \(person) does not have (--person)")
    case .field(let field):
      return .conflict(
        "\(field == .allHands ? "all-hands" : "flag")-missing",
        "\(name) cannot be done before the launch has its \(Self.name(of: field)) (gonogo launch set)")
    case .launchDate(let day):
      return .conflict("before-launch-date", "\(name) can be done on the launch date, \(day), or later")
    case .shifts(days: let days, gaps: nil):
      return .conflict(
        "hypercare-roster-missing",
        "\(name) cannot be done before there is a hypercare roster for \(days) days (gonogo hypercare roster L FILE)")
    case .shifts(days: let days, gaps: let gaps?):
      return .conflict(
        "hypercare-gaps",
        "\(name) needs hypercare shifts without gaps for \(days) days; \(Self.vacancy(gaps)) "
          + "(gonogo hypercare roster L FILE)")
    }
  }
}

extension [PersonID] {
  /// The names as a list in a sentence: `a, b and c`.
  var listed: String {
    count < 2 ? joined() : dropLast().joined(separator: ", ") + " and \(self[count - 1])"
  }
}
