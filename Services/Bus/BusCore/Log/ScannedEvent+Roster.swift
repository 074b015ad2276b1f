import LaunchModel

extension ScannedEvent {
  private static let rosterType = Array(Announcements.rosterAdopted.name.utf8)

  /// Whether it announces the roster that the bus checks rights by.
  var announcesRoster: Bool {
    type.count == Self.rosterType.count && withBytes(of: type) { $0.elementsEqual(Self.rosterType) }
  }
}

extension Sequence<ScannedEvent> {
  /// The last of them that announces a roster, and its place; nil where none does.
  var lastRoster: (place: Int, event: ScannedEvent)? {
    var last: (Int, ScannedEvent)?
    for (place, event) in enumerated() where event.announcesRoster { last = (place, event) }
    return last
  }
}
