import ArgumentParser
import Contract
import LaunchModel

struct EventForget: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Unregister a consumer that is gone.",
    discussion: """
      Pruning and gonogo event settle no longer wait for it. Only for Product Ops. A consumer that is still running \
      registers itself again with its next report, but may miss events that were pruned in the meantime.
      """,
    examples: [
      "gonogo event forget warehouse",
      "gonogo event forget warehouse --output json",
    ])

  @Argument(help: ArgumentHelp("The consumer, from gonogo event consumers.", valueName: "name")) var consumer: String
  @OptionGroup var global: GlobalOptions

  func validate() throws { try ServiceConsumer.refuse(consumer) }

  func run(in session: Session) async throws {
    try await session.show(BusRoutes.forget, ForgetParameters(consumer: consumer))
  }
}

/// The services' own consumers, which commands must not use.
enum ServiceConsumer {
  /// Refuses a service's consumer name. The bus cannot do that: it knows callers by their uid, which may be the
  /// services' own.
  static func refuse(_ consumer: String) throws(ValidationError) {
    guard let service = ServiceName(rawValue: consumer) else { return }
    throw ValidationError(
      "\(service.rawValue) is a service, which reports its own progress; name another consumer, e.g. warehouse")
  }
}
