import JSON
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// A changed and reassessed launch, before it is stored.
struct PlannedChange {
  var row: LaunchRow
  /// The fields that differ, for example `facts.audience`; empty if none do.
  var changed: [String]
  /// The launch as currently stored.
  let before: LaunchRecord

  /// Whether the change results in a less demanding tier.
  var lowersTier: Bool { row.record.tier > before.tier }

  /// The record with the version it would have after the change.
  var next: LaunchRecord {
    var next = row.record
    next.version += 1
    return next
  }
}

/// Plans changes of launches, to apply or to preview them.
///
/// Only a change of facts and an explicit re-tiering classify by the adopted policy. Other changes keep the existing
/// classification, so adopting a policy does not change running launches.
struct ChangePlanner {
  let documents: TieringDocuments
  let db: any Transaction
  /// The keys of the people on the roster; nil if no roster is adopted.
  let people: [PersonID]?
  let now: Timestamp
  /// The actor who makes the change, as recorded.
  let by: String

  /// Sets fields as `launch.set` does. Reassesses the launch if a field differs,
  /// and reclassifies it only if a fact does.
  func setting(_ fields: JSONValue, in row: LaunchRow) throws -> PlannedChange {
    var change = PlannedChange(row: row, changed: [], before: row.record)
    let plan = try LaunchPlan(
      reading: try PlanChange.document(row.record.plan, setting: fields), calendars: try documents.calendars.all(db),
      people: people)
    change.changed = try PlanChange.changed(from: row.record.plan, to: plan)
    guard !change.changed.isEmpty else { return change }
    change.row.record.plan = plan
    return plan.facts == row.record.plan.facts ? try replanned(change) : try retiered(change)
  }

  /// Merges facts and reclassifies by the adopted policy, even if no fact differs.
  func retiering(_ facts: JSONValue?, in row: LaunchRow) throws -> PlannedChange {
    var change = try setting(.object(facts.map { ["facts": $0] } ?? [:]), in: row)
    guard change.changed.isEmpty else { return change }
    change = try retiered(change)
    change.changed = Self.differences(row.record, change.row.record) + change.changed
    return change
  }

  /// The names of the fields of the classification and assessment that differ.
  private static func differences(_ before: LaunchRecord, _ after: LaunchRecord) -> [String] {
    [
      before.tierComputed == after.tierComputed ? nil : "tierComputed",
      before.tierReasons == after.tierReasons ? nil : "tierReasons", before.assumed == after.assumed ? nil : "assumed",
      before.openQuestions == after.openQuestions ? nil : "openQuestions",
      before.alternatives == after.alternatives ? nil : "alternatives",
      before.earliestDate == after.earliestDate ? nil : "earliestDate",
      before.shortfall == after.shortfall ? nil : "shortfall",
    ].compactMap(\.self)
  }

  /// Overrides the computed tier; nil removes the override.
  func overriding(_ tier: Tier?, reason: String, in row: LaunchRow) throws -> PlannedChange {
    guard tier != row.record.override?.tier else {
      throw Problem.conflict(
        "nothing-to-change", title: "nothing to change",
        tier.map { "the override to tier \($0.rawValue) is already set" } ?? "no override is set")
    }
    var change = PlannedChange(row: row, changed: ["override"], before: row.record)
    change.row.record.override = tier.map { TierOverride(tier: $0, reason: reason, by: by, at: now) }
    return try replanned(change)
  }

  /// Sets a new date, which also ends a postponement.
  func rescheduling(to date: LocalDate, in row: LaunchRow) throws -> PlannedChange {
    guard date != row.record.plan.date || row.progress.isPostponed else {
      throw Problem.conflict(
        "nothing-to-change", title: "nothing to change", "the launch is already planned for \(date)")
    }
    var change = PlannedChange(row: row, changed: ["date"], before: row.record)
    change.row.record.plan.date = date
    change.row.record.placedAt = now
    let rule = try change.row.record.confirmation?.rule ?? documents.assessor(db).policy.reconfirmation
    change.row.record.confirmation = DateConfirmation(at: now, by: by, rule: rule)
    change.row.progress.isPostponed = false
    // The All-Hands would now be after the launch, so it is removed; the owner may set another one.
    if let allHands = row.record.plan.allHands, allHands > date {
      change.row.record.plan.allHands = nil
      change.changed.append("allHands")
    }
    // A waiver covers only the date it was given for.
    change.row.record.shortfall = nil
    return try replanned(change)
  }

  /// Sets the status to cancelled or postponed.
  func stopping(_ status: LaunchStatus, in row: LaunchRow) -> PlannedChange {
    var change = PlannedChange(row: row, changed: ["status"], before: row.record)
    change.row.record.status = status
    return change
  }

  /// Reclassifies by the adopted policy and reassesses.
  private func retiered(_ change: PlannedChange) throws -> PlannedChange { try assessed(change, answer: nil) }

  /// Reassesses and keeps the existing classification.
  private func replanned(_ change: PlannedChange) throws -> PlannedChange {
    try assessed(change, answer: change.before.answer)
  }

  private func assessed(_ change: PlannedChange, answer: TierAnswer?) throws -> PlannedChange {
    var change = change
    let record = change.row.record
    let assessor = try documents.assessor(db, templateVersion: change.row.progress.templateVersion)
    change.row.record.apply(
      try assessor.assess(
        record.plan, answer: answer, override: record.override?.tier, reachedOn: record.reachedOn, now: now))
    // The adopted policy now classifies the launch, so it also determines how often the date is confirmed.
    if answer == nil { change.row.record.confirmation?.rule = assessor.policy.reconfirmation }
    if change.row.record.tier != change.before.tier { change.changed.append("tier") }
    return change
  }
}
