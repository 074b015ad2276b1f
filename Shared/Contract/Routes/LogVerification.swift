/// Damage that the bus has found in its log: events that are missing or changed on disk, or records that contradict them.
public struct LogDamage: Codable, Sendable, Hashable {
  /// What is damaged.
  public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    /// The events are not in the log any more, or cannot be read.
    case missing
    /// The events are not as they were stored: their checksums do not match.
    case changed
    /// The record of sources and ids, by which repeated events are recognized, contradicts the events. Nothing is stored
    /// until it is repaired, because an event could be stored twice.
    case keys
    /// The log has events beyond its end. Nothing is stored until it is repaired.
    case end
    /// The bus's own copy of the roster, by which it checks rights, is missing or is not the one that was adopted. `first`
    /// is the offset at which it was adopted; 0 if that is not known.
    case roster
  }

  /// What is damaged, for example `missing`.
  public var kind: Kind
  /// The first offset.
  public var first: Int64
  /// The last offset; the same as `first` for one event.
  public var last: Int64

  public init(_ kind: Kind, _ offsets: ClosedRange<Int64>) {
    self.kind = kind
    first = offsets.lowerBound
    last = offsets.upperBound
  }

  /// The offsets concerned.
  public var offsets: ClosedRange<Int64> { first...max(first, last) }

  /// Whether nothing may be stored while the damage lasts.
  public var preventsStoring: Bool { kind == .keys || kind == .end }

  /// Whether it concerns the events at these offsets themselves, which are then lost.
  public var isLoss: Bool { kind == .missing || kind == .changed }

  /// As in messages, such as `events 2 to 38 are missing`.
  public var summary: String {
    let isOne = last <= first
    let events = isOne ? "event \(first)" : "events \(first) to \(last)"
    return switch kind {
    case .missing: "\(events) \(isOne ? "is" : "are") missing"
    case .changed: "\(events) \(isOne ? "is" : "are") damaged, and the checksum does not match"
    case .keys: "the record of sources and ids contradicts \(events)"
    case .end: "there \(isOne ? "is" : "are") \(events) beyond the end of the log"
    case .roster: "the bus's copy of the roster is missing or differs from the adopted roster"
    }
  }
}

/// Where to continue verifying the log.
public struct VerifyParameters: Codable, Sendable, Hashable {
  /// The `next` of the previous answer; nil to begin.
  public var after: String?
  /// The maximum number of events to verify in this call, up to 5,000; default 1,000.
  public var max: Int?

  public init(after: String? = nil, max: Int? = nil) {
    self.after = after
    self.max = max
  }
}

/// The result of verifying part of the log. All events are verified first, by offset, then the record of their sources
/// and ids.
public struct LogVerification: Codable, Sendable, Hashable {
  /// The damage found in this part, by ascending offset; empty if there is none.
  public var damage: [LogDamage]
  /// The number of events or records verified in this call.
  public var verified: Int
  /// Pass it as `after` in the next call; nil if everything has been verified.
  public var next: String?

  public init(damage: [LogDamage], verified: Int, next: String?) {
    self.damage = damage
    self.verified = verified
    self.next = next
  }
}

extension [LogDamage] {
  /// The maximum number of entries; further damage extends the last of its kind.
  private static var maximum: Int { 1_000 }

  /// Adds damage, and joins it with damage of the same kind that it adjoins.
  public mutating func add(_ kind: LogDamage.Kind, _ offsets: ClosedRange<Int64>) {
    if contains(where: { $0.kind == kind && $0.first <= offsets.lowerBound && $0.last >= offsets.upperBound }) {
      return
    }
    let adjoining = firstIndex {
      $0.kind == kind && $0.first - 1 <= offsets.upperBound && $0.last >= offsets.lowerBound - 1
    }
    if let index = adjoining ?? (count < Self.maximum ? nil : lastIndex { $0.kind == kind }) {
      self[index].first = Swift.min(self[index].first, offsets.lowerBound)
      self[index].last = Swift.max(self[index].last, offsets.upperBound)
    } else {
      append(LogDamage(kind, offsets))
    }
  }

  /// Adds one damaged event.
  public mutating func add(_ kind: LogDamage.Kind, _ offset: Int64) { add(kind, offset...offset) }
}

extension [LogDamage] {
  /// As in messages: the first few.
  public var summary: String {
    let shown = prefix(5).map(\.summary).joined(separator: "; ")
    return count > 5 ? "\(shown); and \(count - 5) more" : shown
  }
}
