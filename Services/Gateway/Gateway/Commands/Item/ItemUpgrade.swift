import ArgumentParser
import Contract
import LaunchModel

struct ItemUpgrade: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "upgrade", abstract: "Move a launch to a newer template version.",
    discussion: """
      A running launch keeps the template version that it started with until you upgrade it. Shows which items would \
      be added, removed and changed, and which finished work would no longer count, then asks; --yes applies it \
      without asking.
      """,
    examples: [
      "gonogo item upgrade smart-routing --dry-run",
      "gonogo item upgrade smart-routing --to 3 --yes --reason 'privacy check'",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(help: ArgumentHelp("Template version; default: the current one.", valueName: "version")) var to: Int?
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let plan = try await session.call(
      ChecklistRoutes.previewUpgrade, UpgradeItems(launch: launch.id, version: to),
      expectedVersion: change.expectedVersion)
    // In a dry run, the preview is the result. Otherwise it is shown only to the person who is asked.
    if preview.dryRun { return try session.print(plan) }
    guard plan.value.from != plan.value.to else {
      try session.print(plan)
      return session.console.note("nothing was changed")
    }
    try confirmation.ask("Upgrade \(launch.id)?", showing: plan.value, in: session)
    // Upgrades to the version that was previewed, even if another one has been adopted since.
    let upgrade = UpgradeItems(launch: launch.id, version: plan.value.to, reason: change.reason)
    try session.print(
      try await session.call(ChecklistRoutes.upgrade, upgrade, expectedVersion: plan.value.checklist.version))
  }
}

extension LaunchUpgrade: Displayable {
  func display(on page: inout Page) {
    guard from != to else {
      page.paragraph("\(launch) already uses template version \(to).")
      return
    }
    page.heading(Text("\(launch): template version \(from) → \(to)"))
    if !changed.isEmpty { page.changes(of: changed) }
    checklist.display(on: &page)
    page.section("Required", needs.map { Text($0, .warning) })
  }
}
