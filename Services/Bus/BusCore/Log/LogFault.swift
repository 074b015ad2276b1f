/// Why the log could not do what was asked; nothing of it has happened then, unless the case says otherwise.
public enum LogFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no room left on the disk. Reading goes on, and so will writing once there is room.
  case diskFull
  /// An event on disk is not what was stored: its checksum does not fit.
  case corrupt(offset: Int64)
  /// The server that has the log is away, or cannot do it now. Where it went away while it was committing, it may have
  /// stored what was appended: the same events again tell.
  case unavailable(String)
  /// Another bus has had a roster adopted, and the events were judged under the one before.
  case rosterChanged
  /// The disk or the file failed. What the last write did is unknown until the log is opened again: the process must
  /// end.
  case failed(String)

  public var description: String {
    switch self {
    case .diskFull: "there is no room left on the disk"
    case .corrupt(let offset): "the event at offset \(offset) is damaged on disk: its checksum does not fit"
    case .rosterChanged: "another bus has had a roster adopted meanwhile"
    case .unavailable(let detail), .failed(let detail): detail
    }
  }
}
