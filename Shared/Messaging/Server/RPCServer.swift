public import Contract
public import LaunchModel
public import Logging
import Synchronization
public import ZeroMQ

/// Serves the calls of one service on its sockets.
public final class RPCServer: Sendable {
  private let reactor: Reactor
  private let endpoints: [Endpoint]
  private let configuration: Configuration
  private let handler: any CallHandler
  private let isStranger: @Sendable (Principal) -> Bool
  private let logger: Logger
  private let registry: CallRegistry
  private let socket = Mutex<ServerSocket?>(nil)

  /// - Parameters:
  ///   - handler: answers the calls, each in its own task.
  ///   - batchHandler: receives the calls of its methods in batches and answers them itself.
  ///   - isStranger: whether a principal is unknown, in which case the rate of its messages is limited. It must not
  /// block.
  public init(
    reactor: Reactor, endpoints: [Endpoint], service: ServiceName, configuration: Configuration = Configuration(),
    handler: any CallHandler, batchHandler: (any CallBatchHandler)? = nil,
    isStranger: @escaping @Sendable (Principal) -> Bool = { _ in false }, logger: Logger
  ) {
    self.reactor = reactor
    self.endpoints = endpoints
    self.configuration = configuration
    self.handler = handler
    self.isStranger = isStranger
    self.logger = logger
    registry = CallRegistry(service: service, configuration: configuration, batchHandler: batchHandler, logger: logger)
  }

  /// Binds the endpoints. Calls are accepted from then on, and handled once `run` is called.
  ///
  /// - Throws: `ZeroMQError`, for example if another process serves an endpoint.
  public func bind() async throws {
    guard socket.withLock({ $0 == nil }) else { return }
    let (registry, isStranger) = (registry, isStranger)
    var limits = configuration.limits.socketLimits
    limits.replyBytes = configuration.replyBytes
    let bound = try await reactor.bind(
      endpoints, limits: limits, isStranger: { isStranger(Principal($0)) }, messages: { registry.receive($0) })
    registry.open(bound)
    socket.withLock { $0 = bound }
  }

  /// Binds if necessary, and serves until `beginShutdown` or until the task is cancelled.
  ///
  /// It then stops listening, rejects new calls, waits for the calls in flight, and closes its socket. Calls that are
  /// still running after `drainTimeout` are cancelled; if the task is cancelled, at once.
  public func run() async throws {
    try await bind()
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        for await batch in registry.calls {
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

  /// Makes `run` drain and return. May be called from any thread, any number of times.
  public func beginShutdown() { registry.beginDraining() }

  private func drain() async {
    let (registry, timeout) = (registry, configuration.drainTimeout)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await registry.drained() }
      // Cancelled when the other task finishes first.
      group.addTask { try? await Task.sleep(for: timeout) }
      await group.next()
      group.cancelAll()
    }
  }

  private func serve(_ pending: PendingCall) async {
    let call = pending.call
    guard call.deadline > .now else {
      let problem = Problem.expired(code: "expired", "the call expired before it was handled; nothing was done")
      return pending.answer(.failure(problem))
    }
    do {
      pending.answer(.success(try await handler.handle(call)))
    } catch let problem as Problem {
      pending.answer(.failure(problem))
    } catch is CancellationError {
      pending.answer(.failure(.stopping))
    } catch {
      logger.error("call failed", metadata: ["method": "\(call.method)", "error": "\(error)"])
      pending.answer(.failure(.internalError("\(call.method) failed; see the service's log for the cause")))
    }
  }
}

extension RPCServer {
  /// The settings of a server.
  public struct Configuration: Sendable {
    /// The size limits of messages; larger messages are answered as too large. Default 1 MiB per envelope, 4 MiB and
    /// 1,026 frames per message.
    public var limits: MessageLimits
    /// The maximum number of calls in flight; more are answered `busy`. Default 1,024.
    public var maxInFlight: Int
    /// The maximum bytes of the calls in flight; beyond it, reading stops until they have dropped to half of it.
    /// Default 64 MiB.
    public var maxInFlightBytes: Int
    /// The maximum bytes of replies that wait for slow readers; beyond it, the peer with the most is disconnected.
    /// Default 64 MiB.
    public var replyBytes: Int
    /// How long a stopping server waits for the calls in flight. Default 5 s.
    public var drainTimeout: Duration
    /// The time to live of calls that do not specify one. Default 5 s.
    public var defaultTTL: Duration

    public init(
      limits: MessageLimits = .standard, maxInFlight: Int = 1_024, maxInFlightBytes: Int = 64 << 20,
      replyBytes: Int = 64 << 20, drainTimeout: Duration = .seconds(5), defaultTTL: Duration = .seconds(5)
    ) {
      self.limits = limits
      self.maxInFlight = maxInFlight
      self.maxInFlightBytes = maxInFlightBytes
      self.replyBytes = replyBytes
      self.drainTimeout = drainTimeout
      self.defaultTTL = defaultTTL
    }
  }
}

/// The size limits of a message (contract.md, section 2).
///
/// A message beyond a limit is answered with an error; a frame larger than `disconnectFrame` makes libzmq drop the
/// connection.
public struct MessageLimits: Sendable, Hashable {
  /// The maximum bytes of an envelope.
  public var envelope: Int
  /// The maximum bytes of a message, all frames together.
  public var message: Int
  /// The maximum number of frames in a message, including the delimiter and the envelope.
  public var frames: Int

  /// The size of a frame beyond which the connection is dropped: four times the limit of an envelope.
  public var disconnectFrame: Int { 4 * envelope }

  /// 1 MiB per envelope, 4 MiB and 1,026 frames per message.
  public static let standard = MessageLimits()

  public init(envelope: Int = 1 << 20, message: Int = 4 << 20, frames: Int = 1_026) {
    self.envelope = envelope
    self.message = message
    self.frames = frames
  }
}

extension MessageLimits {
  /// Returns the limit that the message exceeds, as a sentence; nil if none.
  func violation(in message: InboundMessage) -> String? {
    violation(
      frames: message.frameCount, bytes: message.byteCount,
      envelope: message.frames.count > 1 ? message.frames[1].count : 0)
  }

  /// Returns the limit that the answer exceeds, as a sentence; nil if none. 1 KiB of the envelope is reserved for what
  /// surrounds the result.
  func violation(in reply: CallReply) -> String? {
    violation(
      frames: reply.parts.count + 2, bytes: reply.parts.reduce(reply.result.count) { $0 + $1.count },
      envelope: reply.result.count + 1_024)
  }

  func violation(frames: Int, bytes: Int, envelope: Int) -> String? {
    if frames > self.frames { return "the message has \(frames) frames; the limit is \(self.frames)" }
    if envelope > self.envelope { return "the envelope has \(envelope) bytes; the limit is \(self.envelope)" }
    if bytes > message { return "the message has \(bytes) bytes; the limit is \(message)" }
    return nil
  }

  /// The limits that the socket enforces.
  var socketLimits: SocketLimits { SocketLimits(disconnectFrame: disconnectFrame, frames: frames, bytes: message) }
}

/// Handles the calls of a server.
public protocol CallHandler: Sendable {
  /// Answers one call. May take long, because other calls run concurrently. The task is cancelled when the server
  /// stops.
  ///
  /// - Throws: `Problem`, which is sent to the caller unchanged. Any other error is logged and answered as an internal
  ///   error.
  func handle(_ call: IncomingCall) async throws -> CallReply
}

/// Handles the calls of some methods in batches as they arrive, without a task for each.
///
/// For services with their own writer thread, such as the bus. The calls are in the order of arrival.
public protocol CallBatchHandler: Sendable {
  /// The methods whose calls this handler receives instead of the `CallHandler`.
  var methods: Set<String> { get }

  /// Receives calls and becomes responsible for them. Called on the reactor thread, so that it must only enqueue them
  /// and return.
  ///
  /// Each call must be answered once with `PendingCall.answer`, from any thread, before or after this returns.
  func receive(_ calls: [PendingCall])
}

/// A call as its handler receives it, free of protocol errors.
public struct IncomingCall: Sendable {
  /// The JSON-RPC method, such as `launch.propose`.
  public var method: String
  /// The parameters: one strictly validated JSON object without `_meta`.
  public var params: [UInt8]
  /// The call's `_meta`; empty if it had none.
  public var meta: CallMeta
  /// The frames after the envelope.
  public var parts: [[UInt8]]
  /// The caller, as authenticated by the transport.
  public var principal: Principal
  /// When the caller stops waiting.
  public var deadline: ContinuousClock.Instant
  /// Whether the caller expects an answer; a JSON-RPC notification has none.
  public var expectsReply: Bool

  public init(
    method: String, params: [UInt8] = Array("{}".utf8), meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    principal: Principal, deadline: ContinuousClock.Instant, expectsReply: Bool = true
  ) {
    self.method = method
    self.params = params
    self.meta = meta
    self.parts = parts
    self.principal = principal
    self.deadline = deadline
    self.expectsReply = expectsReply
  }
}

/// The answer to a successful call.
public struct CallReply: Sendable, Hashable {
  /// The `result`, one JSON value.
  public var result: [UInt8]
  /// The frames after the envelope.
  public var parts: [[UInt8]]
  /// How many things that the call asked for it refuses, such as events that may not be published.
  public var refusals: Int

  public init(result: [UInt8], parts: [[UInt8]] = [], refusals: Int = 0) {
    self.result = result
    self.parts = parts
    self.refusals = refusals
  }
}

/// The outcome of a call.
public typealias CallOutcome = Result<CallReply, Problem>
