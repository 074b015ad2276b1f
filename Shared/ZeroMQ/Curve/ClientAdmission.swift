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
