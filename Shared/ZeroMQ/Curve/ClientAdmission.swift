import CZeroMQ
import Glibc
public import Logging
import Synchronization

/// Decides which clients a server admits: holders of its own key, keys in the folder's `clients` list, and keys that
/// the server recognises by other means.
public final class ClientAdmission: Sendable {
  private struct State {
    var listed: Set<CurveKey> = []
    var stamp: Stamp?
    var isKnown: (@Sendable (CurveKey) -> Bool)?
  }

  /// Identifies one version of a file: a changed stamp means that the file was rewritten.
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

  /// Also admits the keys for which `isKnown` returns true, such as those on the server's roster.
  public func admit(_ isKnown: @escaping @Sendable (CurveKey) -> Bool) { state.withLock { $0.isKnown = isKnown } }

  /// Returns whether the client may connect. Rereads the `clients` list if it has changed; if it can no longer be read,
  /// the last readable version stays in force.
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
    let exists = stat(folder.clientsFile, &info) == 0
    let stamp =
      exists
      ? Stamp(
        inode: UInt64(info.st_ino), size: Int64(info.st_size), seconds: info.st_mtim.tv_sec,
        nanoseconds: info.st_mtim.tv_nsec) : nil
    guard stamp != state.stamp else { return }
    state.stamp = stamp
    do throws(ZeroMQError) {
      state.listed = try folder.clients()
    } catch {
      logger.error("cannot read the clients list; the previous version stays in force", metadata: ["error": "\(error)"])
    }
  }
}

/// The identity of a process over TCP, and the rule for which clients it admits.
public struct CurveIdentity: Sendable {
  /// The key pair with which the process authenticates, both as a server and as a client.
  public var own: CurveKeyPair
  /// Returns whether a client may connect. Called on the reactor's thread, so that it must not block.
  public var admits: @Sendable (CurveKey) -> Bool

  /// - Parameter admits: by default, admits no client.
  public init(own: CurveKeyPair, admits: @escaping @Sendable (CurveKey) -> Bool = { _ in false }) {
    self.own = own
    self.admits = admits
  }
}

/// Handles libzmq's authentication requests (ZAP, ZeroMQ RFC 27). Each context has one.
///
/// It is bound before any other socket, because without a ZAP handler libzmq accepts every CURVE key.
final class Authenticator: ReactorSocket {
  /// The ZAP domain of all sockets; libzmq sends no authentication requests for a socket without one.
  static let domain = "gonogo"

  let raw: RawSocket
  var interest: Int32 { ZMQ_POLLIN }
  var retryAt: ContinuousClock.Instant? { nil }
  var monitor: RawSocket? { nil }

  private let admits: @Sendable (CurveKey) -> Bool
  private let logger: Logger
  /// The key of the probe that a server runs when it binds; rejecting it is not logged.
  var probeKey: CurveKey?
  private var suppressedUntil = ContinuousClock.now

  init(context: UnsafeMutableRawPointer, admits: @escaping @Sendable (CurveKey) -> Bool, logger: Logger)
    throws(ZeroMQError)
  {
    self.admits = admits
    self.logger = logger
    raw = try RawSocket(ZMQ_REP, in: context)
    do throws(ZeroMQError) {
      try raw.set(ZMQ_LINGER, 0)
      guard zmq_bind(raw.pointer, "inproc://zeromq.zap.01") == 0 else {
        throw ZeroMQError.system("cannot bind the ZAP handler that authenticates clients")
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
      reply(to: frames)
    }
  }

  /// Replies to a request, whose frames are: version, request id, domain, address, identity, mechanism, credentials.
  private func reply(to request: [[UInt8]]) {
    let isWellFormed = request.count == 7 && request[0].elementsEqual("1.0".utf8)
    let key = isWellFormed && request[5].elementsEqual("CURVE".utf8) ? CurveKey(bytes: request[6]) : nil
    let isAdmitted = key.map(admits) ?? false
    if !isAdmitted { logRejection(of: key, request) }
    let (status, text, user) = isAdmitted ? ("200", "OK", key?.text ?? "") : ("400", "key not authorised", "")
    let reply = [
      "1.0".utf8Array, request.count > 1 ? request[1] : [], status.utf8Array, text.utf8Array,
      user.utf8Array, [],
    ]
    _ = raw.send(nil, reply)
  }

  /// Logs a rejected client, at most once a second, so that unknown clients cannot flood the log.
  private func logRejection(of key: CurveKey?, _ request: [[UInt8]]) {
    guard key == nil || key != probeKey, ContinuousClock.now >= suppressedUntil else { return }
    suppressedUntil = .now + .seconds(1)
    let address = request.count > 3 ? String(decoding: request[3], as: UTF8.self) : "?"
    logger.notice(
      "client rejected: key not authorised", metadata: ["key": "\(key?.text ?? "none")", "address": "\(address)"])
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
