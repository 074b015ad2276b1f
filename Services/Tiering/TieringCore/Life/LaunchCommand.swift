internal import JSON
public import LaunchModel

/// What can be done to a launch in tiering.
public enum LaunchCommand: String, Sendable, CaseIterable {
  case set, retier, override, reschedule, waive, accept, postpone, cancel

  /// The states in which it makes sense.
  public var allowed: [LaunchStatus] {
    let beforeExposure: [LaunchStatus] = [.proposed, .preparing, .decided, .postponed, .rolledBack]
    switch self {
    case .set, .retier, .override: return LaunchStatus.allCases.filter { $0 != .closed && $0 != .cancelled }
    case .reschedule, .waive, .accept, .cancel: return beforeExposure
    case .postpone: return beforeExposure.filter { $0 != .postponed }
    }
  }

  /// - Throws: `conflict`, saying what is allowed instead.
  public func require(_ status: LaunchStatus) throws(Problem) {
    guard !allowed.contains(status) else { return }
    let others = Self.allCases.filter { $0.allowed.contains(status) }.map(\.rawValue)
    let instead =
      others.isEmpty ? "nothing can be changed any more" : "what is allowed is \(others.joined(separator: ", "))"
    throw .conflict(
      "not-now", title: "this makes no sense now",
      "the launch is \(status.rawValue), and \(rawValue) takes one that is "
        + "\(allowed.map(\.rawValue).joined(separator: ", ")); \(instead)",
      extra: ["status": .string(status.rawValue)])
  }
}
