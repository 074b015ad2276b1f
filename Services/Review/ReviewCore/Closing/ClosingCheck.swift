public import Contract
public import LaunchModel

/// The conditions for closing a review.
public enum ClosingCheck {
  /// Everything that prevents closing, each with the command that resolves it: missed metrics without an explanation,
  /// points without an outcome, and open actions whose owner is missing or not on the roster.
  ///
  /// The pointers of the errors refer to the JSON of the agenda and of the review.
  ///
  /// - Parameters:
  ///   - agenda: the agenda as it would be stored.
  ///   - actions: the review's actions.
  ///   - roster: the roster; if nil or empty, every name counts as known.
  ///   - attempt: the attempt that the caller named; nil if none, so that the commands do not name one either.
  public static func reasons(
    agenda: AgendaView, actions: [ActionView], roster: Roster? = nil, attempt: Int? = nil
  ) -> [FieldError] {
    let commands = ReviewCommands(launch: agenda.launch, attempt: attempt)
    let metrics = agenda.metrics.enumerated().compactMap { index, point -> FieldError? in
      guard point.metric.verdict == .missed, isBlank(point.explanation) else { return nil }
      return FieldError(
        pointer: "/metrics/\(index)/explanation",
        detail: "the metric \(point.metric.key) was missed and has no explanation: "
          + commands.explain(point.metric.key, hasDraft: point.draft != nil))
    }
    // Assigning an owner to such an action also resolves its point, so only the action is reported.
    let assignable = Set(actions.filter { $0.state == .open && $0.owner == nil }.compactMap(\.point))
    let points = agenda.points.filter { isBlank($0.outcome) && !assignable.contains($0.id) }.map { point in
      FieldError(
        pointer: "/outcomes/\(escaped(point.id))",
        detail: "the point \(point.id) has no outcome (\(TextLimit.summary.cutting(point.subject))): "
          + commands.resolve(point.id))
    }
    let unowned = actions.enumerated().compactMap { index, action -> FieldError? in
      guard action.state == .open, let fault = ownerFault(of: action, roster) else { return nil }
      return FieldError(
        pointer: "/actions/\(index)/owner",
        detail: "the action \(action.id) \(fault) (\(TextLimit.summary.cutting(action.text))): "
          + commands.assign(action.id))
    }
    return metrics + points + unowned
  }

  /// What is wrong with the owner of an action; nil if the owner is valid.
  private static func ownerFault(of action: ActionView, _ roster: Roster?) -> String? {
    guard let owner = action.owner, !isBlank(owner) else { return "has no owner" }
    guard let roster, !roster.isEmpty, roster.people[owner] == nil else { return nil }
    return "belongs to \(owner), who is not on the roster"
  }

  private static func isBlank(_ text: String?) -> Bool { text?.allSatisfy(\.isWhitespace) ?? true }

  /// Escapes a token of a JSON Pointer (RFC 6901).
  private static func escaped(_ token: String) -> String {
    token.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
  }
}

/// The commands with which errors tell how to make a review ready to close.
public struct ReviewCommands: Sendable {
  /// The launch under review.
  public let launch: LaunchID
  /// The attempt that the caller named; nil if none, so that the commands do not name one either.
  public let attempt: Int?

  public init(launch: LaunchID, attempt: Int?) {
    self.launch = launch
    self.attempt = attempt
  }

  /// Closes the review without the given parts.
  public func close(without parts: [AgendaPart]) -> String {
    let options = parts.map { " --without \($0.rawValue)" }.joined()
    return "gonogo review close \(launch)\(option)\(options) --reason TEXT"
  }

  /// Adds an action to call the customer of a point.
  public func call(_ point: String) -> String {
    "gonogo review action add \(launch) TEXT --point \(Self.quoted(point)) --owner PERSON\(option)"
  }

  /// Adds an action for each customer that has none yet.
  public var callAll: String { "gonogo review action outreach \(launch) --owner PERSON\(option)" }

  func explain(_ metric: String, hasDraft: Bool) -> String {
    "gonogo review explain \(launch) \(Self.quoted(metric)) TEXT\(option)"
      + (hasDraft ? " (or --draft for TEXT, to accept the draft)" : "")
  }

  func resolve(_ point: String) -> String {
    Outreach.isCustomer(point) ? callAll : "gonogo review note \(launch) \(Self.quoted(point)) TEXT\(option)"
  }

  func assign(_ action: String) -> String { "gonogo review action assign \(action) --owner PERSON" }

  private var option: String { attempt.map { " --attempt \($0)" } ?? "" }

  /// The text as one word for a shell. Quotes it if needed, because ids of points contain names from other systems.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/-_.:@".contains($0)) }
    return isPlain ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
  }
}
