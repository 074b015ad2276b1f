public import JSON

/// A learning to add.
public struct AddLearning: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var text: String

  public init(launch: LaunchID, text: String) {
    self.launch = launch
    self.text = text
  }
}

/// Proposes a learning as a change of the template.
public struct ProposeLearning: Codable, Sendable, Hashable {
  public var learning: String
  /// A template change as its file has it.
  public var change: JSONValue

  public init(learning: String, change: JSONValue) {
    self.learning = learning
    self.change = change
  }
}

/// Something that a launch taught.
public struct LearningView: Codable, Sendable, Hashable {
  public var id: String
  public var launch: LaunchID
  public var text: String
  public var by: String
  public var at: Timestamp
  public var proposedAt: Timestamp?
  /// The template version that it became.
  public var adoptedAs: Int?

  public init(
    id: String, launch: LaunchID, text: String, by: String, at: Timestamp, proposedAt: Timestamp? = nil,
    adoptedAs: Int? = nil
  ) {
    self.id = id
    self.launch = launch
    self.text = text
    self.by = by
    self.at = at
    self.proposedAt = proposedAt
    self.adoptedAs = adoptedAs
  }
}

/// Learnings by time.
public struct LearningList: Codable, Sendable, Hashable {
  public var learnings: [LearningView]

  public init(learnings: [LearningView]) { self.learnings = learnings }
}
