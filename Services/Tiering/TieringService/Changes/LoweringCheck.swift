import LaunchModel
import ServiceKit
import TieringCore

/// What the checklist says of a change that may lower a launch's tier: lowering it over a failing item needs Product Ops and a
/// reason (product.md, section 1, "Re-tiering").
enum LoweringCheck: Sendable {
  /// The change lowers nothing, or the launch has no checklist yet.
  case unneeded
  case answered(ChecklistPreview)
  case unreachable(String)

  /// How long the checklist is waited for.
  private static let patience = Duration.seconds(2)
  /// How long the bus may take to say where it is.
  private static let busPatience = Duration.milliseconds(250)

  /// Asks the checklist where the change would lower the tier.
  static func ask(_ change: PlannedChange, _ environment: ServiceEnvironment) async -> LoweringCheck {
    change.isLowering ? await preview(change, environment) : .unneeded
  }

  /// Asks the checklist what a change would do, whatever it is.
  static func preview(_ change: PlannedChange, _ environment: ServiceEnvironment) async -> LoweringCheck {
    guard change.row.progress.isInstantiated else { return .unneeded }
    do {
      // What was announced a moment ago is to be part of the answer; where the bus does not say, the version tells.
      let head = try? await environment.bus.head(timeout: busPatience).head
      return .answered(
        try await environment.clients(for: .checklist)
          .call(
            ChecklistRoutes.preview, PreviewChecklist(record: change.next), meta: CallMeta(after: head),
            timeout: patience))
    } catch {
      return .unreachable("\(error)")
    }
  }

  /// Throws unless the caller may make the change.
  func require(_ change: PlannedChange, reason: String?, _ call: CallContext) throws {
    guard change.isLowering, change.row.progress.isInstantiated else { return }
    let isExplained = reason?.contains { !$0.isWhitespace } ?? false
    if isExplained, Rights.allows(call.actor, .productOps) { return }
    switch self {
    case .answered(let preview) where preview.version == change.before.version:
      guard let why = Self.failing(preview) else { return }
      try call.requireProductOps(reason: reason, why)
    case .answered, .unneeded:
      throw Problem.unavailable(
        "lagging", title: "the checklist has not caught up",
        "the checklist does not know this version of the launch yet; try again", retryAfterMs: 200)
    case .unreachable(let why):
      throw Problem.unavailable(
        "owner-unreachable", title: "it cannot be known now",
        "the checklist could not be asked whether a failing item would vanish (\(why)); try again")
    }
  }

  /// Why a change needs Product Ops; nil where no failing item would vanish.
  static func failing(_ preview: ChecklistPreview) -> String? {
    let failing = preview.removed.filter(\.failing).map { item in
      ItemReference(key: item.key, instance: item.instance).told
    }
    guard !failing.isEmpty else { return nil }
    return "a lower tier would drop what is failing (\(failing.joined(separator: ", "))), which takes a reason"
  }
}

extension ItemReference {
  /// `key`, or `key/instance`.
  fileprivate var told: String { instance.map { "\(key)/\($0)" } ?? key }
}
