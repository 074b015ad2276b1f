public import LaunchModel

/// A span in which events of a feed are missing.
public struct FeedAbsence: Sendable, Hashable {
  /// How it is known.
  public enum Kind: Sendable, Hashable {
    /// By the feed's own rhythm.
    case silence
    /// A bridge reported it, and it is not filled.
    case gap
  }

  /// How it is known.
  public var kind: Kind
  /// Since when events are missing.
  public var since: Timestamp
  /// Up to when; nil while the feed is silent, and for a gap whose end is not known.
  public var until: Timestamp?
  /// Whether Product Ops accepted that the events are lost.
  public var isAccepted: Bool

  public init(_ kind: Kind, since: Timestamp, until: Timestamp?, isAccepted: Bool = false) {
    self.kind = kind
    self.since = since
    self.until = until
    self.isAccepted = isAccepted
  }

  /// What it says of its feed, such as `is silent since 2027-01-08T09:00:00Z`.
  public var summary: String {
    switch (kind, until) {
    case (.silence, nil): "is silent since \(since.wholeSecond)"
    case (.silence, let until?): "was silent from \(since.wholeSecond) to \(until.wholeSecond)"
    case (.gap, nil): "has a reported gap since \(since.wholeSecond)"
    case (.gap, let until?): "has a reported gap from \(since.wholeSecond) to \(until.wholeSecond)"
    }
  }

  /// Its part in a span; nil if it has none.
  public func part(in span: Range<Timestamp>) -> Range<Timestamp>? {
    let start = max(since, span.lowerBound)
    let end = min(until ?? span.upperBound, span.upperBound)
    return start < end ? start..<end : nil
  }
}

extension Timestamp {
  /// The moment without the part of its second.
  fileprivate var wholeSecond: Timestamp {
    Timestamp(microseconds: microseconds - microseconds % 1_000_000)
  }
}
