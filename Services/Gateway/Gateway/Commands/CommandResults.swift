public import Contract
import Documents
import LaunchModel
import Reporting

/// The results of all commands with `--output json`, for the published schemas; a test compares this list with the
/// commands.
public enum CommandResults {
  /// One entry per command, in the order of the help.
  public static let all = system + launches + items + decisions + outcomes + documents + calendars + records

  private static let system: [CommandResult] = [
    .nothing("init"), .nothing("up"), .nothing("down"),
    CommandResult("ps", SystemStatus.self),
    CommandResult("ping", ServiceRoutes.ping(.tiering)),
    CommandResult("doctor", HealthReport.self),
    CommandResult("keys new", KeysView.self),
    CommandResult("keys show", KeysView.self),
    CommandResult("keys rotate", ChecklistRoutes.rotateSigningKey),
    CommandResult("migrate", MoveReport.self),
    .nothing("demo"),
  ]

  private static let launches: [CommandResult] = [
    CommandResult("launch propose", TieringRoutes.propose),
    CommandResult("launch import", LaunchImportOutcome.self),
    CommandResult("launch clone", TieringRoutes.propose),
    CommandResult("launch classify", TieringRoutes.classify),
    CommandResult("launch list", TieringRoutes.list),
    CommandResult("launch show", TieringRoutes.show),
    CommandResult("launch history", TieringRoutes.history),
    CommandResult("launch set", TieringRoutes.set).or(TieringRoutes.preview, if: "dry-run"),
    CommandResult("launch retier", TieringRoutes.retier).or(TieringRoutes.preview, if: "dry-run"),
    CommandResult("launch override", TieringRoutes.override).or(TieringRoutes.preview, if: "dry-run"),
    CommandResult("launch reschedule", TieringRoutes.reschedule).or(TieringRoutes.preview, if: "dry-run"),
    CommandResult("launch reconfirm", TieringRoutes.reconfirm),
    CommandResult("launch waive", TieringRoutes.waiveShortfall),
    CommandResult("launch postpone", TieringRoutes.postpone).or(TieringRoutes.preview, if: "dry-run"),
    CommandResult("launch cancel", TieringRoutes.cancel).or(TieringRoutes.preview, if: "dry-run"),
    CommandResult("launch ship", ChecklistRoutes.ship).or(ChecklistRoutes.previewExposure, if: "dry-run"),
    CommandResult("launch stage", ChecklistRoutes.stage).or(ChecklistRoutes.previewExposure, if: "dry-run"),
    CommandResult("launch rollback", ChecklistRoutes.rollback),
  ]

  private static let items: [CommandResult] =
    [CommandResult("item list", ChecklistRoutes.items)]
    + [
      "show", "start", "done", "reopen", "block", "unblock", "submit", "approve", "reject", "withdraw", "waive", "na",
      "attach", "comment",
    ].map { CommandResult("item \($0)", PrintedItem.self, isRepeated: true) }
    + [
      CommandResult("item assign", PrintedItem.self, isRepeated: true)
        .or(ChecklistRoutes.reassign, if: "from").or(ChecklistRoutes.previewReassign, if: "dry-run")
    ]
    + [CommandResult("item upgrade", ChecklistRoutes.upgrade).or(ChecklistRoutes.previewUpgrade, if: "dry-run")]

  private static let decisions: [CommandResult] = [
    CommandResult("ready", ChecklistRoutes.readiness),
    CommandResult("board", ChecklistRoutes.board),
    CommandResult("poll", ChecklistRoutes.answerPoll),
    CommandResult("decide", ChecklistRoutes.makeDecision).or(ChecklistRoutes.exportDecision, if: "export"),
    CommandResult("gate", ChecklistRoutes.checkGate),
    CommandResult("hypercare show", ChecklistRoutes.showHypercare),
    CommandResult("hypercare roster", ChecklistRoutes.setHypercareRoster),
    CommandResult("hypercare check", ChecklistRoutes.checkHypercare),
    CommandResult("halt", ChecklistRoutes.setHalt),
    CommandResult("verify", StatementVerification.self),
  ]

  private static let outcomes: [CommandResult] = [
    CommandResult("metric define", MetricsRoutes.define),
    CommandResult("metric check", MetricsRoutes.checkPlan),
    CommandResult("metric seal", MetricsRoutes.seal),
    CommandResult("metric amend", MetricsRoutes.amend),
    CommandResult("metric plan", MetricsRoutes.showPlan),
    CommandResult("metric show", MetricsRoutes.verdicts),
    CommandResult("metric watch", MetricsRoutes.verdicts, isRepeated: true),
    CommandResult("metric series", MetricsRoutes.series),
    .nothing("metric export"),
    CommandResult("metric gap", MetricsRoutes.gap),
    CommandResult("metric power", MetricsRoutes.spikePower),
    CommandResult("metric rebuild", MetricsRoutes.rebuild),
    CommandResult("metric feeds list", MetricsRoutes.feeds),
    CommandResult("metric feeds retire", MetricsRoutes.retireFeed),
    CommandResult("metric feeds accept", MetricsRoutes.acceptFeed),
    CommandResult("metric calibration", MetricsRoutes.calibration),
    CommandResult("metric defaults show", MetricsRoutes.showDefaults),
    CommandResult("metric defaults check", MetricsRoutes.checkDefaults),
    CommandResult("metric defaults propose", MetricsRoutes.proposeDefaults),
    CommandResult("metric defaults adopt", MetricsRoutes.adoptDefaults),
    CommandResult("review show", ReviewRoutes.show),
    CommandResult("review list", ReviewRoutes.list),
    CommandResult("review agenda", ReviewRoutes.agenda),
    CommandResult("review topics", ReviewRoutes.topics),
    CommandResult("review explain", ReviewRoutes.explain),
    CommandResult("review note", ReviewRoutes.note),
    CommandResult("review attend", ReviewRoutes.attend),
    CommandResult("review close", ReviewRoutes.close),
    CommandResult("review action add", ReviewRoutes.addAction),
    CommandResult("review action outreach", ReviewRoutes.addOutreach),
    CommandResult("review action assign", ReviewRoutes.assignAction).or(ReviewRoutes.reassignActions, if: "from"),
    CommandResult("review action list", ReviewRoutes.listActions),
    CommandResult("review action done", ReviewRoutes.finishAction),
    CommandResult("review action drop", ReviewRoutes.dropAction),
    CommandResult("review learning add", ReviewRoutes.addLearning),
    CommandResult("review learning list", ReviewRoutes.listLearnings),
    CommandResult("review learning propose", ReviewRoutes.proposeLearning),
    CommandResult("report", LaunchReport.self).or(QuarterReport.self, if: "quarter"),
  ]

  private static let documents: [CommandResult] = [
    CommandResult("template list", ChecklistRoutes.listTemplates),
    CommandResult("template show", ChecklistRoutes.showTemplate),
    CommandResult("template diff", ChecklistRoutes.diffTemplates),
    CommandResult("template export", ChecklistRoutes.showTemplate),
    CommandResult("template lint", ChecklistRoutes.lintTemplate),
    CommandResult("template record", ChecklistRoutes.templateRecord),
    CommandResult("template suggest", ChecklistRoutes.suggestTemplate).or(
      ChecklistRoutes.proposeTemplate, if: "propose"),
    CommandResult("template import", ChecklistImport.self),
    CommandResult("template propose", ChecklistRoutes.proposeTemplate),
    CommandResult("template replay", ChecklistRoutes.replayTemplate),
    CommandResult("template adopt", ChecklistRoutes.adoptTemplate),
    CommandResult("roster show", ChecklistRoutes.showRoster),
    CommandResult("roster adopt", ChecklistRoutes.adoptRoster).or(ChecklistRoutes.previewRoster, if: "dry-run"),
    CommandResult("roster check", ChecklistRoutes.checkRoster),
    CommandResult("roster holdings", ChecklistRoutes.holdings),
    CommandResult("policy show", TieringRoutes.showPolicy),
    .nothing("policy export"),
    CommandResult("policy lint", TieringRoutes.lintPolicy),
    CommandResult("policy test", TieringRoutes.testPolicy),
    CommandResult("policy propose", TieringRoutes.proposePolicy),
    CommandResult("policy proposals", TieringRoutes.policyProposals),
    CommandResult("policy adopt", TieringRoutes.adoptPolicy),
  ]

  private static let calendars: [CommandResult] = [
    CommandResult("calendar show", TieringRoutes.showCalendar),
    CommandResult("calendar adopt", TieringRoutes.adoptCalendar).or(ChecklistRoutes.previewCalendar, if: "dry-run"),
    CommandResult("calendar conflicts", TieringRoutes.conflicts),
    CommandResult("calendar accept", TieringRoutes.acceptConflict).or(ChecklistRoutes.acceptBooking, if: "booking"),
    CommandResult("calendar blackout list", TieringRoutes.blackouts),
    CommandResult("calendar blackout set", TieringRoutes.setBlackout).or(
      TieringRoutes.previewBlackout, if: "dry-run"),
    CommandResult("calendar blackout except", TieringRoutes.exceptBlackout).or(
      TieringRoutes.previewExemption, if: "dry-run"),
    CommandResult("calendar blackout remove", TieringRoutes.setBlackout),
    .nothing("calendar export"),
    CommandResult("calendar workday", TieringRoutes.workday),
  ]

  private static let records: [CommandResult] = [
    CommandResult("event publish", PublishTally.self),
    .events("event tail", isRepeated: true),
    .events("event show"),
    CommandResult("event settle", BusRoutes.settle),
    CommandResult("event consumers", BusRoutes.consumers),
    CommandResult("event forget", BusRoutes.forget),
    CommandResult("event quarantine list", BusRoutes.quarantineList),
    CommandResult("event quarantine retry", BusRoutes.quarantineRetry),
    CommandResult("event quarantine discard", BusRoutes.quarantineDiscard),
    CommandResult("audit show", AuditRecord.self),
    CommandResult("audit verify", AuditReport.self),
    CommandResult("audit accept", ServiceRoutes.auditAccept(.checklist)),
  ]
}
