/// Which features a ticket is about: by the `feature` it names, or by tags that are mapped to one; the latest counts.
///
/// A tag that is a feature's own key is mapped to that feature. An event that names a feature decides until a later event
/// carries tags that are mapped; where none ever named a feature, the latest tags decide, also when they are mapped to none.
public struct TicketAttribution: Sendable, Hashable {
  /// The features that tags are mapped to.
  public var tags: [String: Set<String>]

  /// - Parameters:
  ///   - features: the keys of the features that are known.
  ///   - tags: further tags of each feature.
  public init(features: some Sequence<String>, tags: [String: Set<String>] = [:]) {
    self.tags = tags
    for feature in features { self.tags[feature, default: []].insert(feature) }
  }

  /// The features that a ticket is about, from all that was said of it, in any order.
  public func features(of events: some Sequence<TicketEvent>) -> Set<String> {
    var named: Set<String>?
    var tagged: Set<String> = []
    for event in events.sorted(by: { $0.precedes($1) }) {
      if let feature = event.feature {
        named = [feature]
      } else if let tags = event.tags {
        tagged = mapped(tags)
        if !tagged.isEmpty, named != nil { named = tagged }
      }
    }
    return named ?? tagged
  }

  private func mapped(_ tags: [String]) -> Set<String> {
    tags.reduce(into: []) { $0.formUnion(self.tags[$1] ?? []) }
  }
}
