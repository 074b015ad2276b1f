import CZeroMQ
import Glibc
public import Logging
import Synchronization

/// Which clients a server lets in: the own key, those of the folder's list, and whom the server itself knows.
public final class ClientAdmission: Sendable {
  private struct State {
    var listed: Set<CurveKey> = []
    var stamp: Stamp?
    var isKnown: (@Sendable (CurveKey) -> Bool)?
  }

  /// By which a file that was written again is told.
  private struct Stamp: Equatable {
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  private let folder: KeyFolder
  private let logger: Logger
  private let state = Mutex(State())

  public init(folder: KeyFolder, logger: Logger) {
    self.folder = folder
    self.logger = logger
  }

  /// Lets those in whom the server knows by other means, as its roster.
  public func admit(_ isKnown: @escaping @Sendable (CurveKey) -> Bool) { state.withLock { $0.isKnown = isKnown } }

  /// Whether the client may connect. A list that has become unreadable stays as it was.
  public func admits(_ key: CurveKey) -> Bool {
    if key == folder.own.publicKey { return true }
    let (listed, isKnown) = state.withLock { state in
      refresh(&state)
      return (state.listed, state.isKnown)
    }
    return listed.contains(key) || isKnown?(key) == true
  }

  private func refresh(_ state: inout State) {
    var info = stat()
    let isThere = stat(folder.clientsFile, &info) == 0
    let stamp =
      isThere
      ? Stamp(
        inode: UInt64(info.st_ino), size: Int64(info.st_size), seconds: info.st_mtim.tv_sec,
        nanoseconds: info.st_mtim.tv_nsec) : nil
    guard stamp != state.stamp else { return }
    state.stamp = stamp
    do throws(ZeroMQError) {
      state.listed = try folder.clients()
    } catch {
      logger.error("the list of clients cannot be read; the one before stays", metadata: ["error": "\(error)"])
    }
  }
}

/// Who a process is over TCP, and whom it lets in.
public struct CurveIdentity: Sendable {
  /// By which it proves itself, as a server and as a client.
  public var own: CurveKeyPair
  /// Whether a client may connect. Called on the reactor's thread: it must return at once.
  public var admits: @Sendable (CurveKey) -> Bool

  /// - Parameter admits: nobody, unless it is given.
  public init(own: CurveKeyPair, admits: @escaping @Sendable (CurveKey) -> Bool = { _ in false }) {
    self.own = own
    self.admits = admits
  }
}

/// Answers libzmq's questions who may connect (ZAP, ZeroMQ RFC 27). One for each context.
///
/// It is bound before any other socket: libzmq lets every key in where nobody answers for CURVE.
final class Authenticator: ReactorSocket {
  /// The domain of all sockets; without one libzmq would not ask.
  static let domain = "gonogo"

  let raw: RawSocket
  var interest: Int32 { ZMQ_POLLIN }
  var retryAt: ContinuousClock.Instant? { nil }
  var monitor: RawSocket? { nil }

  private let admits: @Sendable (CurveKey) -> Bool
  private let logger: Logger
  /// A key whose refusal is no news: that of the probe at start.
  var expected: CurveKey?
  private var quietUntil = ContinuousClock.now

  init(context: UnsafeMutableRawPointer, admits: @escaping @Sendable (CurveKey) -> Bool, logger: Logger)
    throws(ZeroMQError)
  {
    self.admits = admits
    self.logger = logger
    raw = try RawSocket(ZMQ_REP, in: context)
    do throws(ZeroMQError) {
      try raw.set(ZMQ_LINGER, 0)
      guard zmq_bind(raw.pointer, "inproc://zeromq.zap.01") == 0 else {
        throw ZeroMQError.system("cannot answer for who may connect")
      }
    } catch {
      raw.close()
      throw error
    }
  }

  func readable(_ buffer: ReceiveBuffer) {
    while buffer.receive(from: raw) {
      var frames = [buffer.bytes()]
      while buffer.hasMore, buffer.receive(from: raw) { frames.append(buffer.bytes()) }
      answer(frames)
    }
  }

  /// The frames of a question are: version, request id, domain, address, identity, mechanism, credentials.
  private func answer(_ question: [[UInt8]]) {
    let isWellFormed = question.count == 7 && question[0].elementsEqual("1.0".utf8)
    let key = isWellFormed && question[5].elementsEqual("CURVE".utf8) ? CurveKey(bytes: question[6]) : nil
    let isAdmitted = key.map(admits) ?? false
    if !isAdmitted { report(key, question) }
    let (status, text, user) = isAdmitted ? ("200", "OK", key?.text ?? "") : ("400", "this key is not let in", "")
    let answer = [
      "1.0".utf8Array, question.count > 1 ? question[1] : [], status.utf8Array, text.utf8Array,
      user.utf8Array, [],
    ]
    _ = raw.send(nil, answer)
  }

  /// Says who was turned away, once a second at most: strangers are to fill no log.
  private func report(_ key: CurveKey?, _ question: [[UInt8]]) {
    guard key == nil || key != expected, ContinuousClock.now >= quietUntil else { return }
    quietUntil = .now + .seconds(1)
    let address = question.count > 3 ? String(decoding: question[3], as: UTF8.self) : "?"
    logger.notice("a client was not let in", metadata: ["key": "\(key?.text ?? "none")", "address": "\(address)"])
  }

  func writable() {}
  func monitorReadable(_ buffer: ReceiveBuffer) {}
  func retry(at now: ContinuousClock.Instant) {}
  func announceClosing() {}
  func close() { raw.close() }
}

extension String {
  fileprivate var utf8Array: [UInt8] { Array(utf8) }
}
