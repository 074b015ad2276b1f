import JSON

/// The last confirmation of a launch's date, with the rule by which it has to be repeated.
public struct DateConfirmation: Sendable, Hashable, Codable {
  /// When the date was confirmed: by proposing, by rescheduling or by `launch.reconfirm`.
  public var at: Timestamp
  /// Who confirmed it: `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// How often it has to be repeated, by the policy that the launch is tiered by.
  public var rule: ReconfirmationRule

  public init(at: Timestamp, by: String, rule: ReconfirmationRule = .standard) {
    self.at = at
    self.by = by
    self.rule = rule
  }
}

/// How often the dates of launches have to be confirmed again: `reconfirmation` of a policy file.
public struct ReconfirmationRule: Sendable, Hashable, Codable {
  /// The number of days for which a confirmation counts.
  public var everyDays: Int
  /// The number of weeks before the launch date in which it has to be repeated.
  public var lastWeeks: Int
  /// The tiers whose dates have to be confirmed again; none if empty.
  public var tiers: [Tier]

  public init(everyDays: Int, lastWeeks: Int, tiers: [Tier]) {
    self.everyDays = everyDays
    self.lastWeeks = lastWeeks
    self.tiers = tiers
  }

  /// Every 14 days in the last 6 weeks, for tiers 0 and 1.
  public static let standard = ReconfirmationRule(everyDays: 14, lastWeeks: 6, tiers: [.launchEvent, .major])
}

extension ReconfirmationRule {
  /// Reads a policy's `reconfirmation`; what it leaves out is as in the standard rule. Errors are added to the reader's faults.
  public init(readingFieldOf policy: FieldReader) {
    let fields = ["everyDays", "lastWeeks", "tiers"]
    let (reader, standard) = (policy.object("reconfirmation", knowing: fields), Self.standard)
    self.init(
      everyDays: reader?.integer("everyDays", in: 1...365) ?? standard.everyDays,
      lastWeeks: reader?.integer("lastWeeks", in: 1...52) ?? standard.lastWeeks,
      tiers: reader.flatMap(Self.tiers) ?? standard.tiers)
  }

  private static func tiers(_ reader: FieldReader) -> [Tier]? {
    reader.elements("tiers").map { elements in
      let tiers = elements.compactMap { pointer, value -> Tier? in
        if let tier = value.integerValue.flatMap({ Tier(rawValue: Int($0)) }) { return tier }
        reader.faults.add(pointer, "must be a tier from 0 to 3, not \(FieldReader.shown(value))")
        return nil
      }
      return Set(tiers).sorted()
    }
  }
}

/// Whether a launch's date is confirmed.
public enum DateStanding: Sendable, Hashable {
  /// Nothing has to be confirmed: by the rule, because the launch is not ahead, or because its confirmation is not known here.
  case unneeded
  /// Confirmed until the end of that day, after which it has to be confirmed again.
  case confirmed(until: LocalDate)
  /// Not confirmed since the end of that day.
  case lapsed(LocalDate)
}

extension LaunchRecord {
  /// The last day for which the date is confirmed; nil if nothing has to be confirmed before the launch.
  ///
  /// A confirmation counts for `everyDays`, and until the last weeks begin in any case.
  public func confirmationEnd(in zone: ZoneRules) -> LocalDate? {
    guard let confirmation, confirmation.rule.tiers.contains(tier), status.isAhead else { return nil }
    let opening = plan.date.adding(days: -7 * confirmation.rule.lastWeeks)
    let end = max(zone.localDate(at: confirmation.at).adding(days: confirmation.rule.everyDays), opening)
    return end < plan.date ? end : nil
  }

  /// Whether the date is confirmed on a day in the launch's zone; once the date has passed, nothing has to be.
  public func dateStanding(on today: LocalDate, in zone: ZoneRules) -> DateStanding {
    guard let end = confirmationEnd(in: zone), today <= plan.date else { return .unneeded }
    return today <= end ? .confirmed(until: end) : .lapsed(end)
  }
}
