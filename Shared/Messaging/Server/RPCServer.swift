public import LaunchModel
public import Logging
import Synchronization
public import ZeroMQ

/// Serves a service's calls on its sockets.
public final class RPCServer: Sendable {
  private let reactor: Reactor
  private let endpoints: [Endpoint]
  private let configuration: Configuration
  private let handler: any CallHandler
  private let logger: Logger
  private let desk: ServerDesk
  private let socket = Mutex<ServerSocket?>(nil)

  /// - Parameters:
  ///   - handler: answers the calls, each in a task of its own.
  ///   - batchHandler: takes the calls of its methods itself.
  public init(
    reactor: Reactor, endpoints: [Endpoint], service: ServiceName, configuration: Configuration = Configuration(),
    handler: any CallHandler, batchHandler: (any CallBatchHandler)? = nil, logger: Logger
  ) {
    self.reactor = reactor
    self.endpoints = endpoints
    self.configuration = configuration
    self.handler = handler
    self.logger = logger
    desk = ServerDesk(service: service, configuration: configuration, batchHandler: batchHandler, logger: logger)
  }

  /// Binds the endpoints. Calls are accepted from here on, and handled once `run` is.
  ///
  /// - Throws: `ZeroMQError`, as where another process serves an endpoint.
  public func bind() async throws {
    guard socket.withLock({ $0 == nil }) else { return }
    let desk = desk
    let bound = try await reactor.bind(endpoints, limits: configuration.limits.socketLimits) { desk.receive($0) }
    desk.open(bound)
    socket.withLock { $0 = bound }
  }

  /// Binds unless that is done, and serves until `beginShutdown` or until the task is cancelled. Then it takes no more calls,
  /// stops listening, waits for the calls taken up (after `drainTimeout`, or at once where the task is cancelled, it cancels
  /// their tasks), and closes its socket.
  public func run() async throws {
    try await bind()
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        for await batch in desk.calls {
          for call in batch { group.addTask { await self.serve(call) } }
        }
        await socket.withLock(\.self)?.hide()
        await drain()
        group.cancelAll()
      }
    } onCancel: {
      beginShutdown()
    }
    let bound = socket.withLock { socket in
      defer { socket = nil }
      return socket
    }
    await bound?.close()
  }

  /// Lets `run` drain and return. From any thread, any number of times.
  public func beginShutdown() { desk.beginDraining() }

  private func drain() async {
    let (desk, timeout) = (desk, configuration.drainTimeout)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await desk.drained() }
      // Cut short by cancellation, which is what it is raced against.
      group.addTask { try? await Task.sleep(for: timeout) }
      await group.next()
      group.cancelAll()
    }
  }

  private func serve(_ pending: PendingCall) async {
    let call = pending.call
    guard call.deadline > .now else {
      return pending.answer(.failure(.expired(code: "expired", "the call's time was over before it was taken up")))
    }
    do {
      pending.answer(.success(try await handler.handle(call)))
    } catch let problem as Problem {
      pending.answer(.failure(problem))
    } catch is CancellationError {
      pending.answer(.failure(.stopping))
    } catch {
      logger.error("a handler failed", metadata: ["method": "\(call.method)", "error": "\(error)"])
      pending.answer(.failure(.internalError("\(call.method) failed; the service's log says why")))
    }
  }
}
