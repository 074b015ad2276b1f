import Contract
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
  private let desk: CallRegistry
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
    desk = CallRegistry(service: service, configuration: configuration, batchHandler: batchHandler, logger: logger)
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
        await socket.withLock(\.self)?.unlinkSocketFiles()
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

extension RPCServer {
  /// How a server works.
  public struct Configuration: Sendable {
    /// Beyond which a message is answered as too large. Default 1 MiB an envelope, 4 MiB and 1,026 frames a message.
    public var limits: MessageLimits
    /// Calls in flight at once; more are answered `busy`. Default 1,024.
    public var maxInFlight: Int
    /// Bytes of the calls in flight; beyond, reading stops until half of them are answered. Default 64 MiB.
    public var maxInFlightBytes: Int
    /// How long a stopping server waits for the calls in flight. Default 5 s.
    public var drainTimeout: Duration
    /// The time to live of calls that name none. Default 5 s.
    public var defaultTTL: Duration

    public init(
      limits: MessageLimits = .standard, maxInFlight: Int = 1_024, maxInFlightBytes: Int = 64 << 20,
      drainTimeout: Duration = .seconds(5), defaultTTL: Duration = .seconds(5)
    ) {
      self.limits = limits
      self.maxInFlight = maxInFlight
      self.maxInFlightBytes = maxInFlightBytes
      self.drainTimeout = drainTimeout
      self.defaultTTL = defaultTTL
    }
  }
}

/// The sizes that a message may have (contract.md, section 2).
///
/// What is beyond a limit is answered with an error; a frame beyond `disconnectFrame` makes libzmq drop the connection.
public struct MessageLimits: Sendable, Hashable {
  /// Bytes of an envelope.
  public var envelope: Int
  /// Bytes of a message, all frames together.
  public var message: Int
  /// Frames of a message, the delimiter and the envelope included.
  public var frames: Int

  /// Bytes of a frame at which the connection is cut: four times the largest frame allowed.
  public var disconnectFrame: Int { 4 * envelope }

  /// 1 MiB an envelope, 4 MiB and 1,026 frames a message.
  public static let standard = MessageLimits()

  public init(envelope: Int = 1 << 20, message: Int = 4 << 20, frames: Int = 1_026) {
    self.envelope = envelope
    self.message = message
    self.frames = frames
  }
}

extension MessageLimits {
  /// Which limit the message breaks, in words.
  func breach(by message: InboundMessage) -> String? {
    breach(
      frames: message.frameCount, bytes: message.byteCount,
      envelope: message.frames.count > 1 ? message.frames[1].count : 0)
  }

  /// Which limit the answer breaks, in words; 1 KiB of the envelope is left for what is around the result.
  func breach(by reply: CallReply) -> String? {
    breach(
      frames: reply.parts.count + 2, bytes: reply.parts.reduce(reply.result.count) { $0 + $1.count },
      envelope: reply.result.count + 1_024)
  }

  func breach(frames: Int, bytes: Int, envelope: Int) -> String? {
    if frames > self.frames { return "the message has \(frames) frames, and \(self.frames) are allowed" }
    if envelope > self.envelope { return "the envelope has \(envelope) bytes, and \(self.envelope) are allowed" }
    if bytes > message { return "the message has \(bytes) bytes, and \(message) are allowed" }
    return nil
  }

  /// What the socket is to keep.
  var socketLimits: SocketLimits { SocketLimits(disconnectFrame: disconnectFrame, frames: frames, bytes: message) }
}

/// What a server asks for the answer to each call.
public protocol CallHandler: Sendable {
  /// Answers one call; may take long, other calls go on meanwhile. The task is cancelled when the server stops.
  ///
  /// - Throws: `Problem`, which the caller gets as it is. Any other error is answered as an internal error and logged.
  func handle(_ call: IncomingCall) async throws -> CallReply
}

/// What a server gives calls of some methods to as they come, many at once, without a task for each.
///
/// For services with a writer of their own, as the bus. The calls are in the order of arrival.
public protocol CallBatchHandler: Sendable {
  /// The methods that come here instead of to the `CallHandler`.
  var methods: Set<String> { get }

  /// Takes calls over. Called on the reactor's thread: it must only put them into a queue, and return.
  ///
  /// Each must be answered once, with `PendingCall.answer`, from any thread, before or after this returns.
  func receive(_ calls: [PendingCall])
}

/// How a call ended.
public typealias CallOutcome = Result<CallReply, Problem>
