import ChecklistCore
import LaunchModel

/// Everything that is stored of one launch.
struct LaunchState: Sendable {
  var checklist: LaunchChecklist
  var decisions: DecisionHistory
  var exposure: Exposure

  /// Whether customers have it now.
  var isExposed: Bool { exposure.percentage > 0 }

  /// Whether it lies ahead, and is neither put off nor given up.
  var isAhead: Bool { checklist.isRunning && !isExposed }

  /// The decision as calls answer it, stale by what is known now, recorded or not.
  func decision(at moment: LaunchMoment) -> DecisionView {
    decisions.view(of: checklist, at: moment, exposure: exposure)
  }

  /// What was exposed against the rules.
  func violations(at moment: LaunchMoment) -> [String] {
    exposure.violations(of: checklist.record, seal: checklist.seal, decisions: decisions, in: moment.zone)
  }
}

/// What a row of `launches` holds of a launch: all but its items.
struct LaunchDocument: Sendable, Hashable, Codable {
  var record: LaunchRecord
  var templateVersion: Int
  var votes: [PollVote]
  var seal: Seal?

  init(of checklist: LaunchChecklist) {
    record = checklist.record
    templateVersion = checklist.templateVersion
    votes = checklist.votes
    seal = checklist.seal
  }

  func checklist(_ items: [ChecklistItem]) -> LaunchChecklist {
    LaunchChecklist(record: record, templateVersion: templateVersion, items: items, votes: votes, seal: seal)
  }
}
