public import Contract
public import LaunchModel

/// A notice that approvals are asked for: at once and, if a group does not respond in time, to the group again
/// and to its lead (product.md, section 6, "Notices").
public struct ApprovalNotice: Sendable, Hashable {
  /// What a notice is for.
  public enum Kind: String, Sendable, Hashable {
    /// The approval is asked for.
    case asked
    /// The group has not responded in time.
    case reminder
    /// The same, to whoever leads the group.
    case lead
  }

  /// What it is for.
  public var kind: Kind
  /// The item to approve.
  public var item: ItemReference
  /// The group that is asked.
  public var group: String
  /// When the round began in which it is asked.
  public var askedAt: Timestamp
  /// When it is due.
  public var at: Timestamp
  /// The people to notify besides the functions.
  public var people: [PersonID]
  /// The functions to notify.
  public var functions: [LaunchFunction]
  /// The text shown to the recipients.
  public var text: String

  /// The key that identifies the notice, such as `approvalasked/smart-routing/launch-copy/legal/2027-02-01T15:00:00Z`: each
  /// round has notices of its own.
  public func key(of launch: LaunchID) -> String {
    let round = "approvalasked/\(launch)/\(item.name)/\(group)/\(askedAt)"
    return kind == .asked ? round : "\(round)/\(kind.rawValue)"
  }
}

extension LaunchChecklist {
  /// How many business days a group has to respond, by its own calendar, before it is reminded and its lead is notified.
  public static let responseDays = 2

  /// The notices due at a moment.
  public func approvalNotices(at moment: LaunchMoment) -> [ApprovalNotice] {
    allApprovalNotices(at: moment).filter { $0.at <= moment.now }
  }

  /// When another notice falls due if the items do not change; nil if none will.
  public func nextApprovalNotice(after moment: LaunchMoment) -> Timestamp? {
    allApprovalNotices(at: moment).map(\.at).filter { $0 > moment.now }.min()
  }

  /// The notices of the present rounds to groups that have not responded; none for a launch that is stopped or closed.
  private func allApprovalNotices(at moment: LaunchMoment) -> [ApprovalNotice] {
    guard isRunning, record.status != .closed else { return [] }
    return items.flatMap { item -> [ApprovalNotice] in
      guard item.isWaitingForReviewers, let round = item.rounds.last, let wait = round.waits.last else { return [] }
      let missing = item.approvalTally(provenOnly: moment.provenOnly).missing.map(\.group)
      return missing.filter { !item.hasResponse(of: $0, since: round.askedAt) }.flatMap { group in
        notices(of: item, to: group, in: round, waitingSince: wait.from, moment)
      }
    }
  }

  private func notices(
    of item: ChecklistItem, to group: String, in round: ReviewRound, waitingSince start: Timestamp,
    _ moment: LaunchMoment
  ) -> [ApprovalNotice] {
    let time = BusinessTime(calendar: moment.calendars.calendar(ofGroup: group), zone: moment.zone)
    let before = round.waits.dropLast().reduce(0) { $0 + time.seconds(from: $1.from, to: $1.until ?? $1.from) }
    let late = time.moment(after: Self.responseDays * BusinessTime.day - before, from: start)
    let what = "\(item.name) (\(item.definition.function.title)) of \(record.plan.name)"
    let command = "gonogo item approve \(launch) \(item.name)"
    let silence = "\(what) has waited \(Self.responseDays) business days for a response by \(group)"
    let reviewers = reviewers(of: group, for: item, on: moment)
    func notice(
      _ kind: ApprovalNotice.Kind, at due: Timestamp, to audience: Audience, _ text: String
    ) -> ApprovalNotice {
      ApprovalNotice(
        kind: kind, item: item.reference, group: group, askedAt: round.askedAt, at: due, people: audience.people,
        functions: audience.functions, text: text)
    }
    return [
      notice(.asked, at: round.askedAt, to: reviewers, "\(what) waits for approval by \(group): \(command)"),
      notice(.reminder, at: late, to: reviewers, "\(silence): approve it, or reject it with a reason (\(command))"),
      notice(.lead, at: late, to: leads(of: group, on: moment.roster), "\(silence); ask its members to respond"),
    ]
  }

  private typealias Audience = (people: [PersonID], functions: [LaunchFunction])

  /// Who can respond for a group: a function as a whole, or the members of another group who are not the item's authors; and
  /// those who stand in for its members.
  private func reviewers(of group: String, for item: ChecklistItem, on moment: LaunchMoment) -> Audience {
    let function = LaunchFunction(rawValue: group)
    guard let roster = moment.roster else { return ([], function.map { [$0] } ?? []) }
    let members = roster.people.filter { $0.value.isIn(group) }.keys.filter { !item.authors.contains($0) }
    let standIns = members.flatMap { roster.standIns(for: $0, on: moment.today) }
    let people = Set((function == nil ? members : []) + standIns).subtracting(item.authors)
    return (people.sorted(), function.map { [$0] } ?? [])
  }

  /// Whoever leads a function; for another group, and a function without a lead, Product Ops.
  private func leads(of group: String, on roster: Roster?) -> Audience {
    let leads = LaunchFunction(rawValue: group).map { function in
      (roster?.people ?? [:]).filter { $0.value.lead.contains(function) }.keys.sorted()
    }
    guard let leads, !leads.isEmpty else { return ([], [.productOps]) }
    return (leads, [])
  }
}

extension ChecklistItem {
  /// Whether somebody of the group has approved or rejected the item since a moment, even if that no longer stands.
  fileprivate func hasResponse(of group: String, since start: Timestamp) -> Bool {
    approvals.contains { $0.group == group && $0.at >= start }
  }
}
