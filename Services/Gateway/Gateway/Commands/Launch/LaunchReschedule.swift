import ArgumentParser
import Contract
import LaunchModel

struct LaunchReschedule: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "reschedule", abstract: "Move a launch to another date.",
    discussion:
      "--dry-run shows new due dates, items that can no longer be done in time, and whether the GO goes stale.",
    examples: [
      "gonogo launch reschedule smart-routing 2027-03-09 --dry-run",
      "gonogo launch reschedule smart-routing 2027-03-09 --reason 'load test is late'",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "New date in the launch's time zone, e.g. 2027-03-09.") var date: LocalDate
  @OptionGroup var preview: DryRunOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    if preview.dryRun {
      try await change.show(PreviewLaunch(launch: launch.id, date: date), in: session)
      return
    }
    let reschedule = RescheduleLaunch(launch: launch.id, date: date, reason: change.reason)
    try await change.applyBeforeShipping(TieringRoutes.reschedule, reschedule, to: launch.id, in: session)
  }
}
