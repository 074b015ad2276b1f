public import Contract
public import LaunchModel

extension ChecklistItem {
  /// Whether work on the item remains.
  var isOpen: Bool { [.open, .inProgress, .blocked, .inReview].contains(state) }
}

extension LaunchChecklist {
  /// Everybody who owns the launch or an open item, gave a valid approval, or answered the poll.
  public var people: Set<PersonID> {
    var people: Set<PersonID> = [record.plan.owner]
    people.formUnion(items.filter(\.isOpen).compactMap(\.owner))
    for approval in items.flatMap(\.approvals) where approval.stands { people.formUnion(approval.places) }
    for vote in votes { people.formUnion(vote.people) }
    return people
  }

  /// Returns what a person owns, approved or answered on the launch, whether or not they are on the roster; nil if
  /// nothing.
  ///
  /// - Parameter groups: the groups that the person is in, or was in before they left.
  public func holdings(of person: PersonID, in groups: Set<String>, at moment: LaunchMoment) -> LaunchHoldings? {
    var (asked, approvals): ([String], [String]) = ([], [])
    for item in items where item.state != .voided && item.needsApproval {
      let tally = item.approvalTally(provenOnly: moment.provenOnly)
      if item.isWaitingForReviewers, !item.authors.contains(person) {
        asked += tally.missing.filter { groups.contains($0.group) }.map { "\(item.name) for \($0.group)" }
      }
      let given = tally.rules.map(\.group).filter { group in
        tally.counted(for: group).contains { $0.places.contains(person) }
      }
      approvals += given.map { "\(item.name) for \($0)" }
    }
    let holdings = LaunchHoldings(
      launch: launch, owns: record.plan.owner == person,
      items: items.filter { $0.isOpen && $0.owner == person }.map(\.name), asked: asked, approvals: approvals,
      votes: votes.filter { $0.people.contains(person) }.map(\.function))
    return holdings == LaunchHoldings(launch: launch) ? nil : holdings
  }

  /// Assigns a person's open items to another person. Items that the actor may not assign are left, with the reason.
  ///
  /// - Returns: the changes, for the items' histories, and one entry for each of the person's open items.
  public mutating func reassign(
    from: PersonID, to: PersonID, by actor: Actor, at moment: LaunchMoment
  ) -> (events: [ItemEvent], items: [ReassignedItem]) {
    let action = ItemAction(launch: launch, to: to)
    var events: [ItemEvent] = []
    var entries: [ReassignedItem] = []
    for item in items where item.isOpen && item.owner == from {
      var entry = ReassignedItem(
        launch: launch, key: item.definition.key, instance: item.instance, state: item.state, due: item.due)
      do throws(Problem) {
        events.append(try perform(.assign, action, on: item.reference, by: actor, at: moment))
      } catch {
        entry.refused = error.detail
      }
      entries.append(entry)
    }
    return (events, entries)
  }
}

extension PersonHoldings {
  /// Groups what people hold on single launches by person; a person's launches keep the given order.
  public static func grouping(_ held: [(person: PersonID, launch: LaunchHoldings)]) -> [PersonHoldings] {
    Dictionary(grouping: held, by: \.person).sorted { $0.key < $1.key }.map { person, held in
      PersonHoldings(person: person, launches: held.map(\.launch))
    }
  }
}
