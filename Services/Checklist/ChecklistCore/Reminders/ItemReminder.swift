public import LaunchModel

/// Something that the people of an item are told once, from a day on (product.md, section 6, "Notices").
public struct ItemReminder: Sendable, Hashable {
  /// What it is told of.
  public enum Kind: String, Sendable, Hashable {
    /// The item is due within `LaunchChecklist.dueSoonDays` business days.
    case due
    /// The item was due, and is not satisfied.
    case overdue
    /// The waiver that the item passes by ends within as many business days.
    case waiverExpiring = "waiverexpiring"
  }

  /// What it is told of.
  public var kind: Kind
  /// The item that it is about.
  public var item: ItemReference
  /// The day that it is about: when the item is due, or its waiver ends.
  public var about: LocalDate
  /// The first local day of the launch on which it is told.
  public var from: LocalDate
  /// Whom it is for; empty where the item has no owner.
  public var people: [PersonID]
  /// The function it is for beside its owner; of an item that somebody owns, only what is late.
  public var functions: [LaunchFunction]
  /// A sentence to show to them.
  public var text: String

  /// The key by which the same notice is known again, as `due/smart-routing/kb-article/de/2027-02-23`: a date that moves makes
  /// another one, and a date that comes back does not.
  public func key(of launch: LaunchID) -> String { "\(kind.rawValue)/\(launch)/\(item.name)/\(about)" }
}
