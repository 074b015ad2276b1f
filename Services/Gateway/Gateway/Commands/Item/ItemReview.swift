import ArgumentParser
import Contract
import LaunchModel

struct ItemSubmit: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "submit", abstract: "Ask for the approvals of items.")

  @OptionGroup var items: ItemArguments
  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let attachment = try evidence.evidence()
    try await items.change(by: ChecklistRoutes.submit, in: session) { $0.evidence = attachment }
  }
}

struct ItemApprove: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approve items for a group you are in.")

  @OptionGroup var items: ItemArguments
  @Option(help: "The group, where you are in several of those that are asked.") var group: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.approve, in: session) { $0.group = group }
  }
}

struct ItemReject: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Refuse items: each is blocked until it changes or you withdraw that.")

  @OptionGroup var items: ItemArguments
  @Option(help: "Why.") var reason: String
  @Option(help: "The group, where you are in several of those that are asked.") var group: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.reject, in: session) {
      $0.reason = reason
      $0.group = group
    }
  }
}

struct ItemWithdraw: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Take back your approval or rejection of items.")

  @OptionGroup var items: ItemArguments
  @Option(help: "The group it was given for.") var group: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.withdraw, in: session) { $0.group = group }
  }
}

struct ItemWaive: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive", abstract: "Accept that items are not done, until a date if one is given.")

  @OptionGroup var items: ItemArguments
  @Option(help: "Why.") var reason: String
  @Option(help: ArgumentHelp("When the waiver ends and the items fail again.", valueName: "date")) var until: LocalDate?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.waive, in: session) {
      $0.reason = reason
      $0.until = until
    }
  }
}

struct ItemNotApplicable: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "na", abstract: "Say that items do not apply to this launch.")

  @OptionGroup var items: ItemArguments
  @Option(help: "Why.") var reason: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.markNotApplicable, in: session) { $0.reason = reason }
  }
}
