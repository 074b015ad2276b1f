import ArgumentParser
import Contract
import LaunchModel

struct QuarantineRetry: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Retry events: publish or process them again.",
    examples: [
      "gonogo event quarantine retry 1 2",
      "gonogo event quarantine retry --consumer metrics",
    ])

  @OptionGroup var entries: QuarantineArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await entries.change(by: BusRoutes.quarantineRetry, in: session) { entry, list in
      guard entry.consumer == ServiceName.bus.rawValue else { return "\(entry.consumer) will retry it" }
      let again = list.entries.first { $0.id == entry.id }
      return again.map { "rejected again: \($0.detail)" } ?? "published and stored"
    }
  }
}
