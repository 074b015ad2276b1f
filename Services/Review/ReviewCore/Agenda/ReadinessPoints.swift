import LaunchModel

extension AgendaView.ReadinessPoint {
  /// The items that were late, never done or waived, and then overrides, stale decisions and violations in their order.
  static func points(
    items: [ItemView], doneAt: [ItemReference: Timestamp], story: [StoryEvent], zone: ZoneRules, today: LocalDate,
    in window: AttemptWindow
  ) -> [Self] {
    items.compactMap { point(of: $0, doneAt: doneAt, zone: zone, today: today) } + points(of: story, in: window)
  }

  private static func point(
    of item: ItemView, doneAt: [ItemReference: Timestamp], zone: ZoneRules, today: LocalDate
  ) -> Self? {
    switch item.state {
    case .voided, .notApplicable: return nil
    case .waived: return make("waived", item, "waived\(item.reason.map { ": \($0)" } ?? "")")
    case .done:
      let done =
        item.doneOn ?? doneAt[ItemReference(key: item.key, instance: item.instance)].map(zone.localDate)
      guard let done, done > item.due else { return nil }
      return make("late", item, "done on \(done), due on \(item.due)")
    case .open, .inProgress, .blocked, .inReview:
      guard item.due < today else { return nil }
      return make("not-done", item, "still \(item.state.rawValue), due on \(item.due)")
    }
  }

  private static func make(_ kind: String, _ item: ItemView, _ detail: String) -> Self {
    let instance = item.instance.map { " (\($0))" } ?? ""
    return AgendaView.ReadinessPoint(
      id: PointID.item(kind, item.key, item.instance), kind: kind, detail: "\(item.title)\(instance): \(detail)")
  }

  private static func points(of story: [StoryEvent], in window: AttemptWindow) -> [Self] {
    StoryEvent.Kind.allCases.flatMap { kind in
      var told: Set<String> = []
      let own = story.filter { event in
        event.kind == kind && (event.attempt.map { $0 == window.attempt } ?? window.tells(event.at))
      }
      // A violation is told again by every later step of the same exposure.
      let fresh = own.filter { kind != .violation || told.insert($0.detail).inserted }
      return fresh.enumerated().map { index, event in
        AgendaView.ReadinessPoint(
          id: PointID.numbered(kind.rawValue, index + 1), kind: kind.rawValue, detail: event.detail)
      }
    }
  }
}
