public import Contract
public import LaunchModel

/// The conditions for closing a review.
public enum ClosingCheck {
  /// Every reason against closing: missed metrics without explanation, points without outcome, open actions without
  /// owner.
  ///
  /// The pointers refer to the JSON of the agenda and the review.
  public static func reasons(agenda: AgendaView, actions: [ActionView]) -> [FieldError] {
    let metrics = agenda.metrics.enumerated().compactMap { index, point -> FieldError? in
      guard point.metric.verdict == .missed, isBlank(point.explanation) else { return nil }
      return FieldError(
        pointer: "/metrics/\(index)/explanation",
        detail: "the metric \(point.metric.key) was missed and has no explanation")
    }
    let points = agenda.points.filter { isBlank($0.outcome) }.map {
      FieldError(pointer: "/outcomes/\(escaped($0.id))", detail: "the point \($0.id) has no outcome (\($0.subject))")
    }
    let unowned = actions.enumerated().compactMap { index, action -> FieldError? in
      guard action.state == .open, isBlank(action.owner) else { return nil }
      return FieldError(
        pointer: "/actions/\(index)/owner", detail: "the action \(action.id) has no owner (\(action.text))")
    }
    return metrics + points + unowned
  }

  private static func isBlank(_ text: String?) -> Bool { text?.allSatisfy(\.isWhitespace) ?? true }

  /// Escapes a token of a JSON Pointer (RFC 6901).
  private static func escaped(_ token: String) -> String {
    token.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
  }
}
