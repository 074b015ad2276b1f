public import LaunchModel

extension ChecklistRoutes {
  /// The items that ask something of a person, or of a function, over all running launches: to do them, to assign them,
  /// to approve them, or to answer a request for a waiver.
  public static let myItems = Route<MyItemsRequest, MyItemList>(.checklist, "item.mine", .read)
}

/// Whose items to list.
public struct MyItemsRequest: Codable, Sendable, Hashable {
  /// The person, for example `lena`; nil for the caller or, if a function is given, for everybody.
  public var person: PersonID?
  /// Only items of this function, and approvals that are asked of it; nil for all functions.
  public var function: LaunchFunction?
  /// Whether only overdue items are listed; default false.
  public var overdue: Bool?
  /// Only items that are due at most that many calendar days from today, or overdue; from 0 to 3,660. Nil for all.
  public var dueWithinDays: Int?

  public init(
    person: PersonID? = nil, function: LaunchFunction? = nil, overdue: Bool? = nil, dueWithinDays: Int? = nil
  ) {
    self.person = person
    self.function = function
    self.overdue = overdue
    self.dueWithinDays = dueWithinDays
  }
}

/// The items that ask something of a person or a function.
public struct MyItemList: Codable, Sendable, Hashable {
  /// One entry for each thing that an item asks for, by due day, then launch, then the launch's order.
  public var items: [MyItem]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?
  /// The halt that stands; nil if the line is not halted.
  public var halt: Halt?

  public init(items: [MyItem], halt: Halt? = nil) {
    self.items = items
    self.halt = halt
  }
}

/// What an item of a running launch asks for.
public struct MyItem: Codable, Sendable, Hashable {
  /// What is to be done with an item.
  public enum Ask: String, Codable, Sendable, Hashable, CaseIterable {
    /// Do it, or resolve what blocks it or what it was rejected for; asked of its owner.
    case work = "do"
    /// Assign it, because it has no owner, or one who left; asked of the function's lead.
    case assign
    /// Approve or reject it; asked of the members of a group whose approval is missing, but not of its authors.
    case approve
    /// Waive it, or decline to; asked of the function's lead, or of Product Ops if the item is blocking.
    case waive
  }

  /// The launch, for example `smart-routing`.
  public var launch: LaunchID
  /// The display name of the launch, for example `Smart routing`.
  public var name: String
  /// The item's key in the template, for example `kb-article`.
  public var key: ItemKey
  /// What it was expanded to, for example `de`; nil if it was not.
  public var instance: String?
  /// What has to be ready, as shown to people, with its instance, for example `Talking points: evaluation`.
  public var title: String
  /// The function responsible for it.
  public var function: LaunchFunction
  /// What is asked.
  public var asked: Ask
  /// The group to approve for, for example `legal`; nil unless an approval is asked for.
  public var group: String?
  /// The last local day to do it, by the function's calendar.
  public var due: LocalDate
  /// Whether its due day has passed in the launch's zone.
  public var overdue: Bool
  /// Its stored state.
  public var state: ItemState
  /// Whether it blocks GO until it is done.
  public var gate: GateKind
  /// The person it is assigned to, or its default owner, for example `lena`; nil if there is neither.
  public var owner: PersonID?
  /// The reason for its state, or for the waiver that is asked for; nil if there is none.
  public var reason: String?
  /// The items that it depends on and that are not done, for example `internal-demo`; nil if it can be done now.
  public var waitsFor: [String]?
  /// Whom the person stands in for, for example `lena`; nil if it is asked of the person, or if no person was given.
  public var standsInFor: PersonID?
  /// Counts the item's changes, starting at 1; `_meta.expectedVersion` refers to it.
  public var version: Int

  public init(
    launch: LaunchID, name: String, key: ItemKey, instance: String? = nil, title: String, function: LaunchFunction,
    asked: Ask, group: String? = nil, due: LocalDate, overdue: Bool, state: ItemState, gate: GateKind,
    owner: PersonID? = nil, reason: String? = nil, waitsFor: [String]? = nil, standsInFor: PersonID? = nil,
    version: Int
  ) {
    self.launch = launch
    self.name = name
    self.key = key
    self.instance = instance
    self.title = title
    self.function = function
    self.asked = asked
    self.group = group
    self.due = due
    self.overdue = overdue
    self.state = state
    self.gate = gate
    self.owner = owner
    self.reason = reason
    self.waitsFor = waitsFor
    self.standsInFor = standsInFor
    self.version = version
  }

  /// Its key and instance.
  public var reference: ItemReference { ItemReference(key: key, instance: instance) }
}
