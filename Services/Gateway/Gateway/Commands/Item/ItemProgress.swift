import ArgumentParser
import Contract
import LaunchModel

struct ItemStart: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "start", abstract: "Say that items are being worked on.")

  @OptionGroup var items: ItemArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws { try await items.change(by: ChecklistRoutes.start, in: session) }
}

struct ItemDone: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "done", abstract: "Mark items done, with evidence.")

  @OptionGroup var items: ItemArguments
  @Option(help: ArgumentHelp("The day it happened; default today in the launch's zone.", valueName: "date"))
  var on: LocalDate?
  @Option(help: ArgumentHelp("Who attended.", valueName: "person,…")) var attended: CommaSeparated?
  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let attachment = try evidence.evidence()
    try await items.change(by: ChecklistRoutes.done, in: session) {
      $0.on = on
      $0.attended = attended?.values
      $0.evidence = attachment
    }
  }
}

struct ItemReopen: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "reopen", abstract: "Say that items are not done after all.")

  @OptionGroup var items: ItemArguments
  @Option(help: "Why.") var reason: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.reopen, in: session) { $0.reason = reason }
  }
}

struct ItemBlock: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "block", abstract: "Say that items cannot go on.")

  @OptionGroup var items: ItemArguments
  @Option(help: "What is in the way.") var reason: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.block, in: session) { $0.reason = reason }
  }
}

struct ItemUnblock: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "unblock", abstract: "Say that items can go on.")

  @OptionGroup var items: ItemArguments
  @Option(help: "What has changed.") var reason: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.unblock, in: session) { $0.reason = reason }
  }
}
