/// Damage that the bus has found in its log: events that are missing or have changed on disk, or records that
/// contradict them.
public struct LogDamage: Codable, Sendable, Hashable {
  /// The kind of damage.
  public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    /// The events are no longer in the log, or cannot be read.
    case missing
    /// The events differ from what was stored: their checksums do not match.
    case changed
    /// The index of sources and ids, by which repeated events are recognized, contradicts the events. The bus stores
    /// nothing until it is repaired, because it could store an event twice.
    case keys
    /// The log has events beyond its recorded end. The bus stores nothing until it is repaired.
    case end
    /// The bus's copy of the roster, against which it checks rights, is missing or differs from the adopted one.
    /// `first` is the offset of the adoption; 0 if unknown.
    case roster
  }

  /// The kind of damage, for example `missing`.
  public var kind: Kind
  /// The first damaged offset.
  public var first: Int64
  /// The last damaged offset; equal to `first` for one event.
  public var last: Int64

  public init(_ kind: Kind, _ offsets: ClosedRange<Int64>) {
    self.kind = kind
    first = offsets.lowerBound
    last = offsets.upperBound
  }

  /// The offsets concerned.
  public var offsets: ClosedRange<Int64> { first...max(first, last) }

  /// Whether the bus refuses to store events while the damage lasts.
  public var preventsStoring: Bool { kind == .keys || kind == .end }

  /// Whether the events at these offsets are themselves lost.
  public var isLoss: Bool { kind == .missing || kind == .changed }

  /// The damage in a few words, such as `events 2 to 38 are missing`.
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

/// The result of verifying a part of the log. The events come first, by offset, then the index of their sources and
/// ids.
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
  /// The maximum number of entries; beyond it, further damage extends the last entry of its kind.
  private static var maximum: Int { 1_000 }

  /// Adds damage, merging it with adjoining damage of the same kind.
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
  /// The first few pieces of damage in words, as in messages.
  public var summary: String {
    let shown = prefix(5).map(\.summary).joined(separator: "; ")
    return count > 5 ? "\(shown); and \(count - 5) more" : shown
  }
}
