public import JSON

/// A figure over any type of event.
public struct CustomMeasure: Sendable, Hashable {
  /// How events become a figure.
  public enum Aggregate: String, Sendable, Hashable, CaseIterable {
    /// How many events fit `where`.
    case count
    /// How many different values `field` has in the events that fit `where`.
    case distinct
    /// The events that fit both `where` and `of`, divided by those that fit `of`.
    case ratio
    /// The mean of the numbers that `field` has in the events that fit `where`.
    case mean
  }

  /// The whole type of the events.
  public var type: String
  /// Which figure the events give.
  public var aggregate: Aggregate
  /// The values that an event must have, by pointer into the whole event.
  public var conditions: [JSONPointer: JSONValue]
  /// What a ratio is counted of; none for all events of the type.
  public var base: [JSONPointer: JSONValue]
  /// Where `distinct` and `mean` find their value.
  public var field: JSONPointer?
  /// What the figure is compared with.
  public var target: Target

  public init(
    type: String, aggregate: Aggregate, conditions: [JSONPointer: JSONValue] = [:],
    base: [JSONPointer: JSONValue] = [:], field: JSONPointer? = nil, target: Target
  ) {
    self.type = type
    self.aggregate = aggregate
    self.conditions = conditions
    self.base = base
    self.field = field
    self.target = target
  }

  /// What one event adds; nil where it is of no concern.
  ///
  /// An event that does not fit adds to the total alone, which tells nothing to count from nothing heard.
  public func contribution(of event: JSONValue) -> (subject: String, hits: Int, total: Int)? {
    let fits = Self.fits(event, conditions)
    switch aggregate {
    case .count: return ("", fits ? 1 : 0, 1)
    case .ratio: return Self.fits(event, base) ? ("", fits ? 1 : 0, 1) : nil
    case .distinct, .mean:
      guard fits, let subject = subject(of: event) else { return ("", 0, 1) }
      return (subject, 1, 1)
    }
  }

  /// The value that is asked for, in canonical JSON; nil where there is none of the kind.
  private func subject(of event: JSONValue) -> String? {
    guard let field, let value = event[field], value != .null else { return nil }
    if aggregate == .mean, value.doubleValue == nil { return nil }
    return String(decoding: value.canonical(), as: UTF8.self)
  }

  /// Numbers compare by value, so that 1 fits 1.0.
  private static func fits(_ event: JSONValue, _ conditions: [JSONPointer: JSONValue]) -> Bool {
    conditions.allSatisfy { pointer, wanted in
      guard let found = event[pointer] else { return wanted == .null }
      if let left = found.doubleValue, let right = wanted.doubleValue { return left == right }
      return found == wanted
    }
  }
}
