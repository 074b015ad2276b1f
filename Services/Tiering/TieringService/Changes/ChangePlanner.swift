import JSON
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// A launch with something changed and assessed anew, before it is stored.
struct PlannedChange {
  var row: LaunchRow
  /// The fields that differ, as `facts.audience`; empty where nothing does.
  var changed: [String]
  /// The launch as it is stored.
  let before: LaunchRecord

  /// Whether the tier would be a less demanding one.
  var isLowering: Bool { row.record.tier > before.tier }

  /// The record as the next version would have it.
  var next: LaunchRecord {
    var next = row.record
    next.version += 1
    return next
  }
}

/// Plans changes of launches, for those who make them and those who only look.
///
/// Facts that change are classified by the adopted policy, and so is what is re-tiered. Whatever else changes, what was said of
/// the facts stands: that a policy was adopted since changes no running launch.
struct ChangePlanner {
  let documents: TieringDocuments
  let db: any Transaction
  /// The keys of the people on the roster; nil where there is none.
  let people: [PersonID]?
  let now: Timestamp
  /// Who makes the change, as records name them.
  let by: String

  /// Fields as `launch.set` takes them; where none differs, nothing is assessed, and where no fact does, the tier stays.
  func setting(_ fields: JSONValue, in row: LaunchRow) throws -> PlannedChange {
    var change = PlannedChange(row: row, changed: [], before: row.record)
    let plan = try LaunchPlan(
      reading: try PlanChange.document(row.record.plan, setting: fields), calendars: try documents.calendars.book(db),
      people: people)
    change.changed = try PlanChange.changed(from: row.record.plan, to: plan)
    guard !change.changed.isEmpty else { return change }
    change.row.record.plan = plan
    return plan.facts == row.record.plan.facts ? try replanned(change) : try retiered(change)
  }

  /// Facts to merge; classified anew by the adopted policy even where none differs.
  func retiering(_ facts: JSONValue?, in row: LaunchRow) throws -> PlannedChange {
    var change = try setting(.object(facts.map { ["facts": $0] } ?? [:]), in: row)
    guard change.changed.isEmpty else { return change }
    change = try retiered(change)
    change.changed = Self.saidOtherwise(row.record, change.row.record) + change.changed
    return change
  }

  /// Which parts of what is said of the same facts differ.
  private static func saidOtherwise(_ before: LaunchRecord, _ after: LaunchRecord) -> [String] {
    [
      before.tierComputed == after.tierComputed ? nil : "tierComputed",
      before.tierReasons == after.tierReasons ? nil : "tierReasons", before.assumed == after.assumed ? nil : "assumed",
      before.openQuestions == after.openQuestions ? nil : "openQuestions",
      before.alternatives == after.alternatives ? nil : "alternatives",
      before.earliestDate == after.earliestDate ? nil : "earliestDate",
      before.shortfall == after.shortfall ? nil : "shortfall",
    ].compactMap(\.self)
  }

  /// A tier against the computed one; nil for the computed one again.
  func overriding(_ tier: Tier?, reason: String, in row: LaunchRow) throws -> PlannedChange {
    guard tier != row.record.override?.tier else {
      throw Problem.conflict(
        "nothing-to-change", title: "nothing to change",
        tier.map { "tier \($0.rawValue) is set already" } ?? "there is no override to take back")
    }
    var change = PlannedChange(row: row, changed: ["override"], before: row.record)
    change.row.record.override = tier.map { TierOverride(tier: $0, reason: reason, by: by, at: now) }
    return try replanned(change)
  }

  /// A new date, which also ends a postponement.
  func rescheduling(to date: LocalDate, in row: LaunchRow) throws -> PlannedChange {
    guard date != row.record.plan.date || row.progress.isPostponed else {
      throw Problem.conflict("nothing-to-change", title: "nothing to change", "the launch is on \(date) already")
    }
    var change = PlannedChange(row: row, changed: ["date"], before: row.record)
    change.row.record.plan.date = date
    change.row.record.placedAt = now
    change.row.progress.isPostponed = false
    // The next All-Hands before the launch is another one, which the owner may set.
    if let allHands = row.record.plan.allHands, allHands > date {
      change.row.record.plan.allHands = nil
      change.changed.append("allHands")
    }
    // A waiver was for the date that it was given for.
    change.row.record.shortfall = nil
    return try replanned(change)
  }

  /// Classified by the adopted policy, and planned.
  private func retiered(_ change: PlannedChange) throws -> PlannedChange { try assessed(change, answer: nil) }

  /// Planned, with what was said of its facts.
  private func replanned(_ change: PlannedChange) throws -> PlannedChange {
    try assessed(change, answer: change.before.answer)
  }

  private func assessed(_ change: PlannedChange, answer: TierAnswer?) throws -> PlannedChange {
    var change = change
    let record = change.row.record
    change.row.record.take(
      try documents.assessor(db, templateVersion: change.row.progress.templateVersion).assess(
        record.plan, answer: answer, override: record.override?.tier, reachedOn: record.reachedOn, now: now))
    if change.row.record.tier != change.before.tier { change.changed.append("tier") }
    return change
  }
}
