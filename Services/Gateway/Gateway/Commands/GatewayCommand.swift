import ArgumentParser
import LaunchModel

/// A command that works with the services; `run` makes its session and closes it.
protocol GatewayCommand: AsyncParsableCommand {
  var global: GlobalOptions { get }

  /// Does what the command is for.
  ///
  /// - Throws: `GatewayError` or `CallError`; `ExitCode` where everything has been said.
  func run(in session: Session) async throws
}

extension GatewayCommand {
  func run() async throws { try await run(closing: try Session(global)) }

  /// Does what the command is for, and closes the session's connections.
  func run(closing session: Session) async throws {
    do {
      try await run(in: session)
    } catch {
      await session.connections.close()
      throw error
    }
    await session.connections.close()
  }
}

extension Session {
  /// The session that the options and the environment describe.
  init(_ options: GlobalOptions, environment: ProcessEnvironment = .current) throws(GatewayError) {
    let settings = try GatewaySettings(options, environment: environment)
    let console = options.console(environment: environment)
    self.init(
      settings: settings, console: console,
      renderer: Renderer(format: options.output, style: console.output.style, width: console.output.width),
      onBehalfOf: options.onBehalfOf, timeout: .seconds(options.timeout),
      connections: ServiceConnections(settings: settings))
  }
}
