import Contract
import JSON
import LaunchModel

extension LaunchChecklist {
  /// The number of business days before the launch in which an unconfirmed date is a reason against GO (product.md,
  /// section 2).
  static let confirmedDays = 5

  /// Returns the reason against GO if the date is unconfirmed and only `confirmedDays` business days or fewer are left;
  /// else nil.
  func unconfirmedDate(at moment: LaunchMoment, isExposed: Bool) -> ReadinessReason? {
    guard let reason = lapsedConfirmation(at: moment, isExposed: isExposed),
      moment.today >= moment.calendars.launch.day(-Self.confirmedDays, from: record.plan.date)
    else { return nil }
    return reason
  }

  /// Returns the reason that will count against GO later if nothing changes: a date that was not confirmed again.
  func risks(at moment: LaunchMoment, isExposed: Bool) -> [ReadinessReason] {
    guard unconfirmedDate(at: moment, isExposed: isExposed) == nil else { return [] }
    return lapsedConfirmation(at: moment, isExposed: isExposed).map { [$0] } ?? []
  }

  private func lapsedConfirmation(at moment: LaunchMoment, isExposed: Bool) -> ReadinessReason? {
    guard !isExposed, case .lapsed(let end) = record.dateStanding(on: moment.today, in: moment.zone),
      let confirmation = record.confirmation
    else { return nil }
    let day = moment.zone.localDate(at: confirmation.at)
    return ReadinessReason(
      code: "date-unconfirmed",
      detail: "\(confirmation.by) confirmed the date \(record.plan.date) on \(day), which was valid until \(end); "
        + "confirm it again (gonogo launch reconfirm \(launch)) or move it")
  }

  /// Groups reasons against GO: first those about the launch as a whole, then by function, functions with overdue items
  /// first.
  func groups(of reasons: [ReadinessReason], on today: LocalDate) -> [ReasonGroup] {
    let overdue = Set(items.filter { $0.due < today }.map(\.reference))
    let isOverdue = reasons.map { reason in
      reason.item.map { overdue.contains(ItemReference(key: $0, instance: reason.instance)) } ?? false
    }
    return Dictionary(grouping: reasons.indices) { reasons[$0].function }
      .map { function, places in
        let late = places.filter { isOverdue[$0] }
        return ReasonGroup(
          function: function, overdue: late.count, reasons: late + places.filter { !isOverdue[$0] })
      }
      .sorted { Self.precedes($0, $1) }
  }

  private static func precedes(_ left: ReasonGroup, _ right: ReasonGroup) -> Bool {
    guard let first = left.function, let second = right.function else { return left.function == nil }
    let (isLate, isOtherLate) = (left.overdue > 0, right.overdue > 0)
    return isLate == isOtherLate ? first < second : isLate
  }

  /// Returns the error for a decision against the recommendation, with the one command that makes the decision anyway.
  func refusal(of request: DecisionRequest, _ reasons: [ReadinessReason], on today: LocalDate) -> Problem {
    let artifact = request.artifact.map { " --artifact \($0)" } ?? ""
    let command = "gonogo decide \(launch) \(request.decision.rawValue)\(artifact) --override --reason TEXT"
    guard request.decision == .go else {
      return .conflict(
        "against-recommendation", title: "against the recommendation",
        "GO is recommended. To decide \(request.decision.rawValue) anyway: \(command)")
    }
    let count = reasons.count == 1 ? "1 reason" : "\(reasons.count) reasons"
    let lines = groups(of: reasons, on: today).map { $0.summary(of: reasons) }
    return .conflict(
      "against-recommendation", title: "against the recommendation",
      "NO-GO is recommended for \(count): \(lines.joined(separator: "; ")). To decide GO anyway: \(command)",
      extra: ["reasons": .array(reasons.map { ["code": .string($0.code), "detail": .string($0.detail)] })])
  }
}
