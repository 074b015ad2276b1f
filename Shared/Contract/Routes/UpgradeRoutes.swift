public import LaunchModel

extension ChecklistRoutes {
  /// The changes from moving a launch to another version of the template, without storing anything.
  public static let previewUpgrade = Route<UpgradeItems, LaunchUpgrade>(.checklist, "item.previewUpgrade", .read)
  /// Moves a launch to a newer version of the template. After GO or exposure, or if a failing item would disappear,
  /// Product Ops only, with a reason.
  public static let upgrade = Route<UpgradeItems, LaunchUpgrade>(.checklist, "item.upgrade", .change)
}

/// Moves a launch to another version of the template.
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

/// A launch's move to another version of the template, made or only previewed.
public struct LaunchUpgrade: Codable, Sendable, Hashable {
  /// The launch that is upgraded.
  public var launch: LaunchID
  /// The template version before the move.
  public var from: Int
  /// The template version after the move; equal to `from` if the launch already uses it, so that nothing changes.
  public var to: Int
  /// The items that stay but whose content changes, field by field.
  public var changed: [TemplateDiff.ChangedItem]
  /// The effect on the checklist; pass its `version` as `expectedVersion` so that the change is made only if that still
  /// is the current one.
  public var checklist: ChecklistPreview
  /// What the upgrade requires: Product Ops and a reason; empty if the owner may make it without.
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
