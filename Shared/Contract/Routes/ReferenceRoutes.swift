public import LaunchModel

/// A reference between the roster, the template and a launch that leads nowhere.
public struct ReferenceFault: Codable, Sendable, Hashable {
  /// What is wrong.
  public enum Code: String, Codable, Sendable, Hashable, CaseIterable {
    /// Nobody on the roster can give an approval that an item needs.
    case approvalUnreachable = "approval-unreachable"
    /// An approval group has no more people than must approve, so that nobody can stand in for an author.
    case approvalScarce = "approval-scarce"
    /// A launch's owner is not on the roster.
    case ownerLeft = "owner-left"
    /// The person that open items are assigned to is not on the roster.
    case itemOwnerLeft = "item-owner-left"
    /// The person who answered the poll for a function is not on the roster.
    case voterLeft = "voter-left"
    /// Who executes what an item documents, such as a rollback, is not on the roster.
    case executorLeft = "executor-left"
    /// A demo was given, and the roster no longer has any of the attendees from a function that has to be there.
    case attendeeLeft = "attendee-left"
    /// Nobody on the roster leads a function whose answer the poll waits for.
    case leadMissing = "lead-missing"
    /// The template's owner of a function's items is not on the roster.
    case templateOwnerLeft = "template-owner-left"
    /// Nobody on the roster has the role that owns an item, so the owner of its function stands in.
    case roleVacant = "role-vacant"
    /// Somebody who has a hypercare shift to come is not on the roster.
    case shiftLeft = "shift-left"
    /// Somebody stands in for a person, and one of the two is not on the roster.
    case delegateLeft = "delegate-left"
  }

  /// What is wrong.
  public var code: Code
  /// The launch that it affects; nil if it is about the template, and so about later launches.
  public var launch: LaunchID?
  /// The item's key, for example `launch-copy`; nil if it is not about one item.
  public var item: ItemKey?
  /// What the item was expanded to; nil if it was not.
  public var instance: String?
  /// The function of a vote, of a lead, of attendees or of the template's owner; nil if it is about none.
  public var function: LaunchFunction?
  /// The person who is not on the roster, for example `lena`; nil if it is not about one.
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

/// The references between the adopted roster, the adopted template and the running launches that lead nowhere.
public struct ReferenceReport: Codable, Sendable, Hashable {
  /// Those of the template first, then those of each launch, by date.
  public var faults: [ReferenceFault]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  public init(faults: [ReferenceFault]) { self.faults = faults }
}
