public import JSON

/// A learning to add.
public struct AddLearning: Codable, Sendable, Hashable {
  /// The launch that taught it.
  public var launch: LaunchID
  /// What was learnt, in plain words; a proposal of it tells it again.
  public var text: String

  public init(launch: LaunchID, text: String) {
    self.launch = launch
    self.text = text
  }
}

/// Proposes a learning as a change of the template.
public struct ProposeLearning: Codable, Sendable, Hashable {
  /// The learning's id, as `smart-routing-l1`.
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
  /// The launch, `-l` and a number from 1, as `smart-routing-l1`.
  public var id: String
  /// The launch that taught it.
  public var launch: LaunchID
  /// What was learnt, in the words of whoever added it.
  public var text: String
  /// Who added it, as `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was added.
  public var at: Timestamp
  /// When it was proposed as a change of the template; nil where it was not.
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
  /// Those of all launches, oldest first.
  public var learnings: [LearningView]

  public init(learnings: [LearningView]) { self.learnings = learnings }
}
