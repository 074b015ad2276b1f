public import LaunchModel

/// A span in which events of a feed are missing.
public struct FeedAbsence: Sendable, Hashable {
  /// How it became known that events are missing.
  public enum Kind: Sendable, Hashable {
    /// The feed's own rhythm makes the silence improbable.
    case silence
    /// A bridge reported the gap, and it has not been filled.
    case gap
  }

  /// How it became known that events are missing.
  public var kind: Kind
  /// The start of the span.
  public var since: Timestamp
  /// The end of the span; nil while the feed is silent, or if the end of a gap is unknown.
  public var until: Timestamp?
  /// Whether Product Ops accepted that the events are lost.
  public var isAccepted: Bool

  public init(_ kind: Kind, since: Timestamp, until: Timestamp?, isAccepted: Bool = false) {
    self.kind = kind
    self.since = since
    self.until = until
    self.isAccepted = isAccepted
  }

  /// The absence as a predicate about its feed, such as `is silent since 2027-01-08T09:00:00Z`.
  public var summary: String {
    switch (kind, until) {
    case (.silence, nil): "is silent since \(since.wholeSecond)"
    case (.silence, let until?): "was silent from \(since.wholeSecond) to \(until.wholeSecond)"
    case (.gap, nil): "has a reported gap since \(since.wholeSecond)"
    case (.gap, let until?): "has a reported gap from \(since.wholeSecond) to \(until.wholeSecond)"
    }
  }

  /// The part of the absence that lies in a span; nil if they do not overlap.
  public func part(in span: Range<Timestamp>) -> Range<Timestamp>? {
    let start = max(since, span.lowerBound)
    let end = min(until ?? span.upperBound, span.upperBound)
    return start < end ? start..<end : nil
  }
}

extension Timestamp {
  /// The moment, rounded down to a whole second.
  fileprivate var wholeSecond: Timestamp {
    Timestamp(microseconds: microseconds - microseconds % 1_000_000)
  }
}
