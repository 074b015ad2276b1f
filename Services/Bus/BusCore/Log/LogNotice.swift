import Foundation

/// What buses that share a log tell each other.
public enum LogNotice: String, Sendable, Hashable {
  /// The log's ends have moved.
  case appended
  /// Somebody waits until all consumers are at the head: fetches that wait are to hurry.
  case settling

  /// One process's own notices, by which it tells those of others.
  struct Sender: Sendable {
    private let name = UUID().uuidString

    func payload(_ notice: LogNotice) -> String { "\(name) \(notice.rawValue)" }

    /// Another's notice; nil for the own, and for what is none.
    func read(_ payload: String) -> LogNotice? {
      let words = payload.split(separator: " ")
      guard words.count == 2, words[0] != name else { return nil }
      return LogNotice(rawValue: String(words[1]))
    }
  }
}
