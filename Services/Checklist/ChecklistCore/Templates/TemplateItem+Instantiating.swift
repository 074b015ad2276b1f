public import LaunchModel

/// The deal stages over which `deal-stages` expands; each needs its own talking points.
public let dealStages = ["prospecting", "evaluation", "negotiation"]

extension TemplateItem {
  /// The key of the item that is due on the launch file's `allHands` date, if it gives one.
  public static let allHandsKey: ItemKey = "all-hands"

  /// Whether a launch needs the item: the launch's tier is one of the item's, and its facts do not rule out the item's
  /// condition.
  public func applies(to record: LaunchRecord) -> Bool {
    tiers.contains(record.tier) && (applicability?.mayHold(for: record.plan.facts) ?? true)
  }

  /// Whether the item's work is done at the meeting whose date a launch file gives.
  var followsMeeting: Bool { key == Self.allHandsKey || (requires ?? []).contains(.date(.allHands)) }

  /// Returns the instances of the item for a launch; a single nil if there is nothing to expand over.
  public func instances(for plan: LaunchPlan) -> [String?] {
    let values: [String] =
      switch expand {
      case .locales?: plan.locales
      case .segments?: plan.segments
      case .dealStages?: dealStages
      case nil: []
      }
    return values.isEmpty ? [nil] : values
  }

  /// Returns the day on which the item is due for a launch; an All-Hands date after the launch is ignored.
  public func dueDay(for plan: LaunchPlan, in calendars: LaunchCalendars) -> LocalDate {
    if followsMeeting, let meeting = plan.allHands, meeting <= plan.date { return meeting }
    return due.date(launch: plan.date, in: calendars.calendar(of: function))
  }
}

extension LaunchChecklist {
  /// Creates the checklist of a new launch from the adopted template, with the default owners that the roster gives.
  public init(
    of record: LaunchRecord, from template: ChecklistTemplate, in calendars: LaunchCalendars, roster: Roster? = nil
  ) {
    self.init(
      record: record, templateVersion: template.version,
      items: Self.items(of: record, from: template, in: calendars, roster: roster))
  }

  /// Returns the items that a template gives a launch, all open and with their default owners.
  static func items(
    of record: LaunchRecord, from template: ChecklistTemplate, in calendars: LaunchCalendars, roster: Roster?
  ) -> [ChecklistItem] {
    template.items.filter { $0.applies(to: record) }.flatMap { definition in
      let owner = definition.defaultOwner(in: template, on: roster)
      return definition.instances(for: record.plan).map { instance in
        var item = ChecklistItem(
          definition: definition, instance: instance, due: definition.dueDay(for: record.plan, in: calendars))
        item.owner = owner
        item.hasDefaultOwner = owner == nil ? nil : true
        return item
      }
    }
  }
}

extension TemplateItem {
  /// Returns the owner of the item in a new launch until somebody is assigned: whoever has the item's role, or else the
  /// template's owner of its function, or else the function's lead. If several people qualify, the first by key; nil if
  /// nobody on the roster does.
  ///
  /// - Parameter roster: the adopted roster. Before a roster is adopted, only the template's owners count.
  public func defaultOwner(in template: ChecklistTemplate, on roster: Roster?) -> PersonID? {
    guard let roster, !roster.isEmpty else { return template.owners[function.rawValue] }
    if let ownerRole, let holder = roster.holders(of: ownerRole).first { return holder }
    if let owner = template.owners[function.rawValue], roster.people[owner] != nil { return owner }
    return roster.holders(of: "\(function.rawValue)-lead").first
  }
}

extension Roster {
  /// Returns the people who have a role, by key: the members of the group of that name and those with the role or, if
  /// there are none and the role is for example `engineering-lead`, those who lead that function.
  func holders(of role: String) -> [PersonID] {
    let named = people.filter { $0.value.groups.contains(role) || $0.value.roles.contains(role) }
    guard named.isEmpty else { return named.keys.sorted() }
    let led = LaunchFunction.allCases.first { role == "\($0.rawValue)-lead" }
    return people.filter { person in led.map { person.value.lead.contains($0) } ?? false }.keys.sorted()
  }
}
