public import LaunchModel

/// The stages of a deal that `deal-stages` expands over: each needs a different framing.
public let dealStages = ["prospecting", "evaluation", "negotiation"]

extension TemplateItem {
  /// The item that is due on the day of the launch file's `allHands`, where it names one.
  public static let allHandsKey: ItemKey = "all-hands"

  /// Whether a launch needs it: its tier is one of the item's, and the condition's flag is not stated false.
  public func applies(to record: LaunchRecord) -> Bool {
    guard tiers.contains(record.tier) else { return false }
    guard let condition else { return true }
    return record.plan.facts.flags[condition.flag] != .known(false)
  }

  /// What it is expanded over for a launch; one without instance where there is nothing to expand over.
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

  /// The day it is due for a launch; an All-Hands after the launch is not the one before it, and does not count.
  public func dueDay(for plan: LaunchPlan, in calendars: LaunchCalendars) -> LocalDate {
    if key == Self.allHandsKey, let meeting = plan.allHands, meeting <= plan.date { return meeting }
    return due.date(launch: plan.date, in: calendars.calendar(of: function))
  }
}

extension LaunchChecklist {
  /// The checklist of a new launch, from the template that is adopted.
  public init(of record: LaunchRecord, from template: ChecklistTemplate, in calendars: LaunchCalendars) {
    self.init(
      record: record, templateVersion: template.version,
      items: Self.items(of: record, from: template, in: calendars))
  }

  /// The items that a template gives a launch, all open.
  static func items(
    of record: LaunchRecord, from template: ChecklistTemplate, in calendars: LaunchCalendars
  ) -> [ChecklistItem] {
    template.items.filter { $0.applies(to: record) }.flatMap { definition in
      definition.instances(for: record.plan).map { instance in
        ChecklistItem(
          definition: definition, instance: instance, due: definition.dueDay(for: record.plan, in: calendars))
      }
    }
  }
}
