public import LaunchModel

/// An explanation of a metric's gap.
public struct ExplainMetric: Codable, Sendable, Hashable {
  /// The launch under review.
  public var launch: LaunchID
  /// The metric's key in the plan, for example `adoption`.
  public var metric: String
  /// What explains the gap; replaces any earlier explanation.
  public var text: String
  /// The attempt, as in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, metric: String, text: String, attempt: Int? = nil) {
    self.launch = launch
    self.metric = metric
    self.text = text
    self.attempt = attempt
  }
}

/// The outcome of an agenda point. Customers to call are excluded: their outcome is an outreach action.
public struct NoteOutcome: Codable, Sendable, Hashable {
  /// The launch under review.
  public var launch: LaunchID
  /// The point's id in the agenda.
  public var point: String
  /// The outcome; replaces any earlier one.
  public var text: String
  /// The attempt, as in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, point: String, text: String, attempt: Int? = nil) {
    self.launch = launch
    self.point = point
    self.text = text
    self.attempt = attempt
  }
}

/// Who attended the review.
public struct Attendance: Codable, Sendable, Hashable {
  /// The launch under review.
  public var launch: LaunchID
  /// The attendees' keys on the roster, for example `dana`.
  public var people: [PersonID]
  /// The attempt, as in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, people: [PersonID], attempt: Int? = nil) {
    self.launch = launch
    self.people = people
    self.attempt = attempt
  }
}

/// The closing of a review.
public struct CloseReview: Codable, Sendable, Hashable {
  /// The launch under review.
  public var launch: LaunchID
  /// The attempt, as in `ReviewReference`.
  public var attempt: Int?
  /// The parts to close the review without because they could not be assembled; nil for none. A part that was assembled
  /// cannot be omitted.
  public var without: [AgendaPart]?
  /// Why the review is closed without them; required with `without`, and stored with the agenda.
  public var reason: String?

  public init(launch: LaunchID, attempt: Int? = nil, without: [AgendaPart]? = nil, reason: String? = nil) {
    self.launch = launch
    self.attempt = attempt
    self.without = without
    self.reason = reason
  }
}

/// A part of an agenda that comes from its own source; a review cannot be closed while one is missing.
public enum AgendaPart: String, Codable, Sendable, Hashable, CaseIterable {
  /// The sealed metrics with their verdicts, from the metrics service.
  case metrics
  /// The articles, and the tags by which tickets are attributed, from the metric plan; from the metrics service.
  case plan
  /// The items of the checklist, from the checklist service.
  case readiness
  /// The topics of the tickets.
  case topics
}

/// The parts that a review was closed without.
public struct ClosingOmission: Codable, Sendable, Hashable {
  /// The parts that could not be assembled.
  public var parts: [AgendaPart]
  /// Why Product Ops closed the review without them, for example `the host of the metrics was lost`.
  public var reason: String

  public init(parts: [AgendaPart], reason: String) {
    self.parts = parts
    self.reason = reason
  }
}
