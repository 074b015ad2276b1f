public import Contract
public import LaunchModel

/// What the items of one launch ask for on a day, and of whom.
public struct LaunchTasks: Sendable {
  /// What is asked of somebody.
  private struct Share: Sendable {
    /// The place in `all`.
    var task: Int
    /// Whom the person stands in for; nil if it is asked of the person.
    var standsInFor: PersonID?
  }

  /// One entry for each thing that an item asks for, in the launch's order.
  public private(set) var all: [MyItem] = []
  /// The local day in the launch's zone.
  private let today: LocalDate
  private var shares: [PersonID: [Share]] = [:]

  /// Finds them for a launch that is running; a stopped or closed one asks for nothing.
  public init(of checklist: LaunchChecklist, at moment: LaunchMoment) {
    today = moment.today
    guard checklist.isRunning, checklist.record.status != .closed else { return }
    let audience = TaskAudience(moment)
    for item in checklist.items where item.state != .voided && item.state != .notApplicable {
      add(item, of: checklist, at: moment, audience)
    }
  }

  private mutating func add(
    _ item: ChecklistItem, of checklist: LaunchChecklist, at moment: LaunchMoment, _ audience: TaskAudience
  ) {
    let standing = checklist.standing(of: item, at: moment)
    var task = MyItem(
      launch: checklist.launch, name: checklist.record.plan.name, key: item.definition.key, instance: item.instance,
      title: item.title, function: item.definition.function, asked: .work, due: item.due,
      overdue: standing.flags.contains(.overdue), state: item.state, gate: item.definition.gate, owner: item.owner,
      reason: item.reason, version: item.version)
    if standing.level != .satisfied, !item.isWaitingForReviewers {
      let awaited = checklist.awaited(by: item, at: moment)
      task.waitsFor = awaited.isEmpty ? nil : awaited
      if let owner = item.owner, audience.isKnown(owner) {
        add(task, of: [owner], audience)
      } else {
        task.asked = .assign
        add(task, of: audience.leads(of: item.definition.function), audience)
      }
      task.waitsFor = nil
    }
    if item.isWaitingForReviewers { addApprovals(task, of: item, at: moment, audience) }
    if let request = item.waiverRequest {
      task.asked = .waive
      task.reason = request.reason
      add(task, of: audience.leads(of: item.waiverFunction).subtracting([request.person]), audience)
    }
  }

  /// An author approves nothing, and whoever has approved counts once.
  private mutating func addApprovals(
    _ task: MyItem, of item: ChecklistItem, at moment: LaunchMoment, _ audience: TaskAudience
  ) {
    let given = item.approvals.filter { $0.stands && $0.verdict == .approved }
    let spent = given.reduce(into: Set(item.authors)) { $0.formUnion($1.places) }
    for rule in item.approvalTally(provenOnly: moment.provenOnly).missing {
      var task = task
      task.asked = .approve
      task.group = rule.group
      // An approval under a claimed identity that does not count may be repeated under a proven one.
      let isProvenOnly = moment.provenOnly.contains(rule.group)
      let again = given.filter { isProvenOnly && $0.group == rule.group && !$0.isProven }
      let repeaters = again.reduce(into: Set<PersonID>()) { $0.formUnion($1.places) }.subtracting(item.authors)
      let excluded = spent.subtracting(repeaters)
      add(task, of: audience.members(of: rule.group).subtracting(excluded), audience, excluding: excluded)
    }
  }

  /// Adds what is asked of people, and so of whoever stands in for them.
  private mutating func add(
    _ task: MyItem, of people: Set<PersonID>, _ audience: TaskAudience, excluding excluded: Set<PersonID> = []
  ) {
    let place = all.count
    all.append(task)
    var asked = people
    for person in people { shares[person, default: []].append(Share(task: place)) }
    for person in people.sorted() {
      for standIn in audience.standIns(for: person) where !excluded.contains(standIn) {
        // Who is asked already, for themselves or for another person, is not asked again.
        guard asked.insert(standIn).inserted else { continue }
        shares[standIn, default: []].append(Share(task: place, standsInFor: person))
      }
    }
  }
}

extension LaunchTasks {
  /// What the launch asks of a person or, if that is nil, of anybody, as far as the request admits it.
  public func tasks(of person: PersonID?, _ request: MyItemsRequest) -> [MyItem] {
    guard let person else { return all.filter { admits($0, request) } }
    return (shares[person] ?? []).compactMap { share in
      var task = all[share.task]
      guard admits(task, request) else { return nil }
      task.standsInFor = share.standsInFor
      return task
    }
  }

  private func admits(_ task: MyItem, _ request: MyItemsRequest) -> Bool {
    if let function = request.function, task.function != function, task.group != function.rawValue { return false }
    if request.overdue == true, !task.overdue { return false }
    if let days = request.dueWithinDays, task.due > today.adding(days: days) { return false }
    return true
  }
}

extension MyItem {
  /// Whether it is listed before another one of another launch, or of the same launch with another due day.
  public static func precedes(_ left: MyItem, _ right: MyItem) -> Bool {
    (left.due, left.launch) < (right.due, right.launch)
  }
}

/// The people of a roster as items ask something of them.
private struct TaskAudience {
  /// Nil before there is a roster: then only owners are asked.
  private let roster: Roster?
  private let today: LocalDate
  private let members: [String: Set<PersonID>]
  private let productOps: Set<PersonID>

  init(_ moment: LaunchMoment) {
    let roster = moment.roster.flatMap { $0.isEmpty ? nil : $0 }
    self.roster = roster
    today = moment.today
    var members: [String: Set<PersonID>] = [:]
    var productOps: Set<PersonID> = []
    for (person, entry) in roster?.people ?? [:] {
      for group in entry.allGroups { members[group, default: []].insert(person) }
      if entry.isProductOps { productOps.insert(person) }
    }
    self.members = members
    self.productOps = productOps
  }

  func isKnown(_ person: PersonID) -> Bool { roster.map { $0.people[person] != nil } ?? true }

  func members(of group: String) -> Set<PersonID> { members[group] ?? [] }

  /// Who leads a function; Product Ops for their own, and for a function without a lead.
  func leads(of function: LaunchFunction) -> Set<PersonID> {
    guard let roster, function != .productOps else { return productOps }
    let leads = roster.people.filter { $0.value.lead.contains(function) }.keys
    return leads.isEmpty ? productOps : Set(leads)
  }

  func standIns(for person: PersonID) -> [PersonID] { roster?.standIns(for: person, on: today) ?? [] }
}
