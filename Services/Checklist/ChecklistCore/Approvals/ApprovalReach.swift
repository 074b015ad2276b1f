import Contract
import LaunchModel

extension Roster {
  /// The people whose approval for a group counts: its members or, if the group accepts proven identities only, the
  /// members who have a principal of their own.
  func approvers(for group: String) -> [PersonID] {
    let needsPrincipal = provenOnly.contains(group)
    return people.filter { $0.value.isIn(group) && (!needsPrincipal || !$0.value.principals.isEmpty) }.keys.sorted()
  }

  /// Every group that has members, and every function, since a function is also a group.
  var groups: Set<String> {
    Set(people.values.flatMap(\.groups)).union(LaunchFunction.allCases.map(\.rawValue))
  }

  /// Returns ` (did you mean "legal"?)` if the group's name resembles another's; empty if not, and for a function.
  fileprivate func suggestion(forGroup group: String) -> String {
    LaunchFunction(rawValue: group) == nil ? Suggestion.text(for: group, among: groups.subtracting([group])) : ""
  }
}

extension ChecklistItem {
  /// Returns why the people on the roster cannot give the approvals that the item still needs, usually one sentence for
  /// each group; empty if they can, or if no approval is missing.
  ///
  /// Authors cannot approve their own work, and one person counts once, for one group.
  func unreachableApprovals(on roster: Roster) -> [String] {
    guard [.open, .inProgress, .blocked, .inReview].contains(state) else { return [] }
    let missing = approvalTally(provenOnly: Set(roster.provenOnly)).missing
    let spent = Set(approvals.filter(\.stands).map(\.person)).union(authors)
    let candidates = missing.map { rule in roster.approvers(for: rule.group).filter { !spent.contains($0) } }
    let short = zip(missing, candidates).filter { rule, people in people.count < rule.quorum }
    guard short.isEmpty else { return short.map { shortage(of: $0.0, on: roster) } }
    let slots = zip(missing, candidates).flatMap { rule, people in Array(repeating: people, count: rule.quorum) }
    guard !DistinctChoice.isPossible(from: slots) else { return [] }
    let groups = missing.map(\.group).joined(separator: " and ")
    return ["\(name) waits for \(groups), which have too few people in common: one person counts once"]
  }

  private func shortage(of rule: ApprovalRule, on roster: Roster) -> String {
    let waits = "\(name) waits for \(rule.quorum == 1 ? "" : "\(rule.quorum) of ")\(rule.group)"
    let members = roster.people.filter { $0.value.isIn(rule.group) }.keys.sorted()
    guard !members.isEmpty else {
      return "\(waits), and nobody is in \(rule.group)\(roster.suggestion(forGroup: rule.group))"
    }
    let approvers = roster.approvers(for: rule.group)
    guard !approvers.isEmpty else {
      return "\(waits), which insists on proven identities, and nobody in \(rule.group) has a principal"
    }
    let own = approvers.filter(authors.contains)
    let listed = approvers.prefix(5).joined(separator: ", ")
    return own.isEmpty
      ? "\(waits), of whom only \(listed) can approve"
      : "\(waits), of whom only \(listed) \(approvers.count == 1 ? "is" : "are") there; "
        + "\(own.joined(separator: " and ")) submitted it or attached evidence"
  }
}

/// The assignment of different people to several places.
enum DistinctChoice {
  /// Whether a different person can be chosen from each list (Hall's condition), found by augmenting paths.
  static func isPossible(from lists: [[PersonID]]) -> Bool {
    var placeOf: [PersonID: Int] = [:]
    func assign(_ place: Int, _ tried: inout Set<PersonID>) -> Bool {
      for person in lists[place] where tried.insert(person).inserted {
        if placeOf[person] == nil || assign(placeOf[person] ?? 0, &tried) {
          placeOf[person] = place
          return true
        }
      }
      return false
    }
    return lists.indices.allSatisfy { place in
      var tried: Set<PersonID> = []
      return assign(place, &tried)
    }
  }
}
