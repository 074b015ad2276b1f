public import LaunchModel

/// The topics that drive a spike in tickets.
///
/// A topic drives it if its share in the 24 hours before the notice is at least 1.5 times its share in the days before,
/// and Fisher's exact test gives a probability of at most 1/20 that this is chance. A topic without earlier tickets is
/// new.
public struct TopicsAnnounced: Codable, Sendable, Hashable {
  /// The key of the spike notice, for example `spike/smart-routing/1/tickets/1`.
  public var key: String
  /// The attempt, starting at 1.
  public var attempt: Int
  /// The addressees, as in the notice.
  public var people: [PersonID]
  /// Functions addressed in addition to `people`, as in the notice.
  public var functions: [LaunchFunction]
  /// The sentence to show them.
  public var text: String
  /// The number of tickets in the 24 hours before the notice.
  public var count: Int
  /// The number of tickets from exposure until 24 hours before the notice.
  public var countBefore: Int
  /// The topics that drive the spike, by the number of tickets above their earlier share, most first; the largest
  /// topics if there are no earlier tickets.
  public var drivers: [TopicDriver]
  /// What limits the answer, for example `by the feature alone: metrics did not answer`; empty if nothing does.
  public var notes: [String]

  public init(
    key: String, attempt: Int, people: [PersonID] = [], functions: [LaunchFunction] = [], text: String, count: Int,
    countBefore: Int, drivers: [TopicDriver], notes: [String] = []
  ) {
    self.key = key
    self.attempt = attempt
    self.people = people
    self.functions = functions
    self.text = TextLimit.comment.cutting(text)
    self.count = count
    self.countBefore = countBefore
    self.drivers = drivers
    self.notes = notes
  }
}

/// A topic, with its tickets in the 24 hours before a notice and its earlier ones.
public struct TopicDriver: Codable, Sendable, Hashable {
  /// The topic's id at the time, for example `topic/turn-routing-off`.
  public var id: String
  /// A phrase that its tickets use.
  public var label: String
  /// The number of its tickets in the 24 hours.
  public var count: Int
  /// The number of its earlier tickets since exposure; 0 for a new topic.
  public var countBefore: Int
  /// Its share of all tickets in the 24 hours, from 0 to 1.
  public var share: Double
  /// Its share of all earlier tickets; nil if there are none.
  public var shareBefore: Double?
  /// The probability that so many of its tickets are recent by chance alone; nil if there are no earlier tickets.
  public var probability: Double?
  /// The texts of its most typical tickets, most typical first.
  public var examples: [String]

  public init(
    id: String, label: String, count: Int, countBefore: Int, share: Double, shareBefore: Double? = nil,
    probability: Double? = nil, examples: [String] = []
  ) {
    self.id = id
    self.label = label
    self.count = count
    self.countBefore = countBefore
    self.share = share
    self.shareBefore = shareBefore
    self.probability = probability
    self.examples = examples
  }
}
