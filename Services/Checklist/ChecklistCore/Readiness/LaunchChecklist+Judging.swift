import LaunchModel

extension LaunchChecklist {
  /// How many business days ahead an item counts as due soon.
  public static let dueSoonDays = 3

  /// Judges an item on the moment's day, by the launch's present date.
  public func standing(of item: ChecklistItem, at moment: LaunchMoment) -> ItemStanding {
    var standing = verdict(of: item, at: moment)
    guard item.state != .voided, item.state != .notApplicable else { return standing }
    if standing.level == .satisfied {
      if let until = item.waiver?.until, item.state == .waived, until <= record.plan.date {
        standing.flags.insert(.atRisk)
      }
      return standing
    }
    let calendar = moment.calendars.calendar(of: item.definition.function)
    if item.due < moment.today {
      standing.flags.insert(.overdue)
    } else if item.due <= calendar.day(Self.dueSoonDays, from: moment.today) {
      standing.flags.insert(.dueSoon)
    }
    let isUntouched = item.state == .open && standing.flags.contains(.dueSoon)
    let isLate = standing.flags.contains(.overdue)
    if standing.level == .blocked || standing.code != "item-not-done" || isLate || isUntouched {
      standing.flags.insert(.atRisk)
    }
    return standing
  }

  private func verdict(of item: ChecklistItem, at moment: LaunchMoment) -> ItemStanding {
    let name = "\(item.name) (\(item.definition.function.title))"
    switch item.state {
    case .voided, .notApplicable: return ItemStanding(.satisfied)
    case .done: return verdict(ofDone: item, name, at: moment)
    case .waived:
      guard let waiver = item.waiver, !waiver.holds(on: moment.today) else { return ItemStanding(.satisfied) }
      let until = waiver.until.map { " on \($0)" } ?? ""
      return ItemStanding(.outstanding, "waiver-expired", "\(name): its waiver expired\(until)")
    case .blocked:
      return ItemStanding(.blocked, "item-blocked", "\(name) is blocked: \(item.reason ?? "no reason was given")")
    case .inReview where !item.sheet(provenOnly: moment.provenOnly).rejections.isEmpty:
      return ItemStanding(.blocked, "item-rejected", "\(name) is \(item.reason ?? "rejected")")
    case .open, .inProgress, .inReview:
      if item.definition.strict, item.due < moment.today {
        return ItemStanding(
          .blocked, "item-too-late",
          "\(name) had to happen by \(item.due): move the launch or waive it", flags: [.tooLate])
      }
      return ItemStanding(.outstanding, "item-not-done", outstanding(item, name, at: moment))
    }
  }

  private func verdict(ofDone item: ChecklistItem, _ name: String, at moment: LaunchMoment) -> ItemStanding {
    guard let day = item.doneOn else { return ItemStanding(.satisfied) }
    if item.definition.strict, day > item.due {
      let isPossible = moment.today <= item.due
      return ItemStanding(
        isPossible ? .outstanding : .blocked, "item-too-late",
        "\(name) was held on \(day), after \(item.due): repeat it in time, move the launch or waive it",
        flags: [.tooLate])
    }
    if let days = item.definition.shelfLifeDays, day.adding(days: days) < record.plan.date {
      return ItemStanding(
        .outstanding, "item-stale",
        "\(name) was done on \(day) and holds for \(days) days, which end before the launch: do it again",
        flags: [.stale])
    }
    return ItemStanding(.satisfied)
  }

  private func outstanding(_ item: ChecklistItem, _ name: String, at moment: LaunchMoment) -> String {
    var text = "\(name) is \(item.state.rawValue), due \(item.due)"
    if item.state == .inReview {
      let owed = item.sheet(provenOnly: moment.provenOnly).missing.map { "\($0.quorum) of \($0.group)" }
      if !owed.isEmpty { text += "; approvals missing: \(owed.joined(separator: ", "))" }
    } else if let reason = item.reason {
      text += ": \(reason)"
    }
    return text
  }
}
