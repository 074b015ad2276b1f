import Contract

/// The bus's own copy of the roster, which pruning does not delete, together with what the log records about it.
///
/// Without a roster, everybody has every right. A lost copy must therefore not be mistaken for a log that never had a
/// roster.
struct RosterCopy {
  /// The event that announced the roster, and its checksum; nil if there is no copy.
  var copy: (event: [UInt8], checksum: Int64?)?
  /// The offset at which the roster was adopted; 0 if none was adopted, negative if the offset is not known.
  var adoptedAt: Int64
  /// The event at that offset; nil if it is damaged or not in the log.
  var adopted: LoggedEvent?

  /// Returns the copy's event; nil if no roster was adopted.
  ///
  /// - Throws: `LogError.damagedRoster`.
  func verified() throws(LogError) -> [UInt8]? {
    guard let copy else {
      guard adoptedAt == 0 else { throw .damagedRoster }
      return nil
    }
    guard adoptedAt != 0, copy.event.withUnsafeBytes({ EventChecksum.content(of: $0) }) == copy.checksum else {
      throw .damagedRoster
    }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    // A placeholder may have replaced the event if it was lost; that is not a contradiction.
    if let adopted, adopted.scanned(&scanner)?.announcesRoster == true, adopted.bytes != copy.event {
      throw .damagedRoster
    }
    return copy.event
  }

  /// The damage as a verification of the log reports it; nil if there is none.
  var damage: LogDamage? {
    do throws(LogError) {
      _ = try verified()
      return nil
    } catch {
      return LogDamage(.roster, max(0, adoptedAt)...max(0, adoptedAt))
    }
  }
}

extension LogError {
  static let damagedRoster = LogError.damaged(
    "the bus's copy of the roster, which it needs to check rights, is missing or differs from the adopted roster; run "
      + "gonogo-bus repair, which restores it from the log")
}
