public import LaunchModel

extension ChecklistRoutes {
  /// What moving a launch to another version of the template would change, without storing anything.
  public static let previewUpgrade = Route<UpgradeItems, LaunchUpgrade>(.checklist, "item.previewUpgrade", .read)
  /// Moves a launch to a newer version of the template. After GO or exposure, or if a failing item would disappear, only
  /// Product Ops may do this, with a reason.
  public static let upgrade = Route<UpgradeItems, LaunchUpgrade>(.checklist, "item.upgrade", .change)
}

/// The launch to move to another version of the template.
public struct UpgradeItems: Codable, Sendable, Hashable {
  /// The launch to upgrade.
  public var launch: LaunchID
  /// The template version to move to, not older than the launch's; nil means the current one.
  public var version: Int?
  /// Why, for the audit trail; required after GO or exposure, and if a failing item would disappear.
  public var reason: String?

  public init(launch: LaunchID, version: Int? = nil, reason: String? = nil) {
    self.launch = launch
    self.version = version
    self.reason = reason
  }
}

/// The move of a launch to another version of the template: what it changes, or would change.
public struct LaunchUpgrade: Codable, Sendable, Hashable {
  /// The launch that is upgraded.
  public var launch: LaunchID
  /// The template version that the launch used before.
  public var from: Int
  /// The template version that it moves to; equal to `from` if it already uses it, and then nothing changes.
  public var to: Int
  /// The items that stay with other content, field by field.
  public var changed: [TemplateDiff.ChangedItem]
  /// The effect on the checklist; pass its `version` as `expectedVersion` to make sure that exactly this change is made.
  public var checklist: ChecklistPreview
  /// What the upgrade requires: Product Ops and a reason; empty if the owner may make it as it is.
  public var needs: [String]

  public init(
    launch: LaunchID, from: Int, to: Int, changed: [TemplateDiff.ChangedItem], checklist: ChecklistPreview,
    needs: [String]
  ) {
    self.launch = launch
    self.from = from
    self.to = to
    self.changed = changed
    self.checklist = checklist
    self.needs = needs
  }
}
