public import Contract
public import LaunchModel

/// The launches of a quarter, or of any span of dates: their state, those at risk, the decisions and the outcomes. Its
/// encoded form is the JSON format.
public struct QuarterReport: Codable, Sendable, Hashable {
  /// The moment that the report is as of, by tiering's clock.
  public var at: Timestamp
  /// The first date.
  public var from: LocalDate
  /// The last date.
  public var to: LocalDate
  /// The span in words, for example `2027 Q1`.
  public var title: String
  /// The launches dated in the span, by date.
  public var launches: [QuarterLaunch]
  /// The parts that are missing from the report, each with the reason.
  public var missing: [MissingPart]

  public init(
    at: Timestamp, from: LocalDate, to: LocalDate, launches: [QuarterLaunch], missing: [MissingPart] = []
  ) {
    self.at = at
    self.from = from
    self.to = to
    self.launches = launches
    self.missing = missing
    let quarter = Quarter(of: from)
    title = quarter.from == from && quarter.to == to ? quarter.description : "\(from.words) to \(to.words)"
  }
}

/// A launch in a report about many launches.
public struct QuarterLaunch: Codable, Sendable, Hashable {
  /// The launch in the form used in lists.
  public var launch: LaunchSummary
  /// Its readiness; nil if it is not running, or if the readiness could not be read.
  public var readiness: ReadinessView?
  /// Its decision; nil if it could not be read.
  public var decision: DecisionView?
  /// Its verdicts; nil if launches of its tier have none, before exposure, or if they could not be read.
  public var metrics: MetricsView?

  public init(
    launch: LaunchSummary, readiness: ReadinessView? = nil, decision: DecisionView? = nil, metrics: MetricsView? = nil
  ) {
    self.launch = launch
    self.readiness = readiness
    self.decision = decision
    self.metrics = metrics
  }
}

/// A quarter of a calendar year, written `2027Q1`.
public struct Quarter: Sendable, Hashable, CustomStringConvertible {
  /// The year.
  public let year: Int
  /// The number of the quarter, from 1 to 4.
  public let number: Int
  /// Its first day.
  public let from: LocalDate
  /// Its last day.
  public let to: LocalDate

  /// Creates the quarter that contains a date.
  public init(of date: LocalDate) {
    let (year, month, day) = date.components
    self.year = year
    number = (month - 1) / 3 + 1
    var first = date.adding(days: 1 - day)
    while (first.components.month - 1) % 3 != 0 { first = first.adding(days: -1).firstOfMonth }
    from = first
    var next = first
    for _ in 0..<3 { next = next.adding(days: 31).firstOfMonth }
    to = next.adding(days: -1)
  }

  /// Parses `2027Q1` or `2027-Q1`, in upper or lower case; nil for anything else.
  public init?(_ text: String) {
    let parts = text.uppercased().split(separator: "Q", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[1]), parts[1].utf8.count == 1, (1...4).contains(number) else {
      return nil
    }
    let year = parts[0].hasSuffix("-") ? parts[0].dropLast() : parts[0]
    guard year.utf8.count == 4, year.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let year = Int(year),
      let first = LocalDate(year: year, month: number * 3 - 2, day: 1)
    else { return nil }
    self.init(of: first)
  }

  /// The quarter in the form `2027 Q1`.
  public var description: String { "\(year) Q\(number)" }
}

extension LocalDate {
  /// The first day of its month.
  fileprivate var firstOfMonth: LocalDate { adding(days: 1 - components.day) }
}
