import LaunchModel
import TieringCore

extension LaunchRecord {
  /// A launch that is proposed.
  init(_ plan: LaunchPlan, _ assessment: LaunchAssessment, proposedAt: Timestamp, proposedBy: String) {
    let (answer, feasibility) = (assessment.answer, assessment.feasibility)
    self.init(
      plan: plan, tier: assessment.tier, tierComputed: answer.tier, policyVersion: answer.policyVersion,
      tierReasons: answer.reasons,
      assumed: answer.assumed, openQuestions: answer.openQuestions, alternatives: answer.alternatives,
      reachedOn: assessment.reachedOn, earliestDate: feasibility.earliestDate,
      earliestBecause: feasibility.because, shortfall: feasibility.shortfall,
      notes: feasibility.notes, proposedAt: proposedAt, proposedBy: proposedBy)
  }

  /// What was said of its facts when it was tiered last.
  var answer: TierAnswer {
    TierAnswer(
      tier: tierComputed, policyVersion: policyVersion, reasons: tierReasons, assumed: assumed,
      openQuestions: openQuestions,
      alternatives: alternatives)
  }

  /// Takes over what was computed.
  mutating func take(_ assessment: LaunchAssessment) {
    let answer = assessment.answer
    tier = assessment.tier
    tierComputed = answer.tier
    policyVersion = answer.policyVersion
    tierReasons = answer.reasons
    assumed = answer.assumed
    openQuestions = answer.openQuestions
    alternatives = answer.alternatives
    reachedOn = assessment.reachedOn
    take(assessment.feasibility)
  }

  /// Takes over what the date was found to leave; a waived shortfall stays waived unless it has grown.
  mutating func take(_ feasibility: Feasibility) {
    earliestDate = feasibility.earliestDate
    earliestBecause = feasibility.because
    notes = feasibility.notes
    let before = shortfall
    shortfall = feasibility.shortfall
    if let before, let now = shortfall, now.days <= before.days { shortfall?.waived = before.waived }
  }
}
