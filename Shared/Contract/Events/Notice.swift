public import LaunchModel

/// A notification for people, sent once for each `key`.
public struct Notice: Codable, Sendable, Hashable {
  /// The notice's kind and subject, for example `reviewopen/smart-routing/1`.
  public var key: String
  /// The addressees, by their keys on the roster; may be empty.
  public var people: [PersonID]
  /// Functions addressed in addition to `people`; may be empty.
  public var functions: [LaunchFunction]
  /// The sentence to show to the addressees; cut if longer than 10 KB.
  public var text: String

  public init(key: String, people: [PersonID] = [], functions: [LaunchFunction] = [], text: String) {
    self.key = key
    self.people = people
    self.functions = functions
    self.text = TextLimit.comment.cutting(text)
  }
}
