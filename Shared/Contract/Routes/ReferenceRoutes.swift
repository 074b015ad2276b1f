public import LaunchModel

/// A broken reference between the roster, the template and a launch, such as an owner who is not on the roster.
public struct ReferenceFault: Codable, Sendable, Hashable {
  /// The kind of broken reference.
  public enum Code: String, Codable, Sendable, Hashable, CaseIterable {
    /// Nobody on the roster can give an approval that an item needs.
    case approvalUnreachable = "approval-unreachable"
    /// An approval group has only as many people as must approve, so that nobody can replace one who is the item's
    /// author.
    case approvalScarce = "approval-scarce"
    /// A launch's owner is not on the roster.
    case ownerLeft = "owner-left"
    /// The person to whom open items are assigned is not on the roster.
    case itemOwnerLeft = "item-owner-left"
    /// The person who answered the poll for a function is not on the roster.
    case voterLeft = "voter-left"
    /// The person who executes what an item documents, such as a rollback, is not on the roster.
    case executorLeft = "executor-left"
    /// A demo was given, but none of its attendees from a function that must attend is still on the roster.
    case attendeeLeft = "attendee-left"
    /// Nobody on the roster leads a function whose answer the poll is waiting for.
    case leadMissing = "lead-missing"
    /// The template's default owner for a function's items is not on the roster.
    case templateOwnerLeft = "template-owner-left"
    /// Nobody on the roster has the role that owns an item, so that the default owner of its function takes its place.
    case roleVacant = "role-vacant"
    /// A person with an upcoming hypercare shift is not on the roster.
    case shiftLeft = "shift-left"
    /// A person is delegated to another one, and one of the two is not on the roster.
    case delegateLeft = "delegate-left"
  }

  /// The kind of broken reference.
  public var code: Code
  /// The affected launch; nil if it is in the template, and so affects later launches.
  public var launch: LaunchID?
  /// The item's key, for example `launch-copy`; nil if it is not about one item.
  public var item: ItemKey?
  /// The instance it was expanded to; nil if it was not expanded.
  public var instance: String?
  /// The function of the vote, lead, attendees or default owner; nil if it is about none of these.
  public var function: LaunchFunction?
  /// The person who is not on the roster, for example `lena`; nil if it is not about a person.
  public var person: PersonID?
  /// What is wrong and how to fix it, as a sentence.
  public var detail: String

  public init(
    code: Code, launch: LaunchID? = nil, item: ItemKey? = nil, instance: String? = nil, function: LaunchFunction? = nil,
    person: PersonID? = nil, detail: String
  ) {
    self.code = code
    self.launch = launch
    self.item = item
    self.instance = instance
    self.function = function
    self.person = person
    self.detail = detail
  }
}

/// The broken references between the adopted roster, the adopted template and the running launches.
public struct ReferenceReport: Codable, Sendable, Hashable {
  /// Those in the template first, then those of each launch, by date.
  public var faults: [ReferenceFault]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  public init(faults: [ReferenceFault]) { self.faults = faults }
}
