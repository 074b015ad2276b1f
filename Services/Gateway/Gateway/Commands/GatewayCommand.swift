import ArgumentParser
import LaunchModel

/// A command that works with the services; `run` opens its session and closes it.
protocol GatewayCommand: AsyncParsableCommand {
  var global: GlobalOptions { get }

  /// Runs the command.
  ///
  /// - Throws: `GatewayError` or `CallError`. If the output is the whole answer, the `GatewayError` has no messages.
  func run(in session: Session) async throws
}

extension GatewayCommand {
  func run() async throws { try await run(closing: try Session(global)) }

  /// Runs the command, and then closes the session's connections, whether or not it succeeds.
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

extension CommandConfiguration {
  /// Creates the configuration of a command whose help ends with examples.
  ///
  /// - Parameter examples: at least two command lines that work in the folder that `gonogo init --sample` writes. An
  ///   example of more than 78 columns is broken with a backslash, as in a shell.
  init(commandName: String, abstract: String, discussion: String = "", examples: [String]) {
    // Every start of the process builds the configurations of many commands, so the common case avoids collection
    // algorithms.
    var text = discussion.isEmpty ? "Examples:" : discussion + "\n\nExamples:"
    for example in examples {
      text += "\n  "
      guard example.utf8.contains(UInt8(ascii: "\n")) else {
        text += example
        continue
      }
      text += example.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
    }
    self.init(commandName: commandName, abstract: abstract, discussion: text)
  }
}

extension Session {
  /// Creates the session that the options and the environment describe.
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
