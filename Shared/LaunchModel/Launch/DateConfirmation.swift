import JSON

/// The last confirmation of a launch's date, with the rule for repeating it.
public struct DateConfirmation: Sendable, Hashable, Codable {
  /// When the date was confirmed: by proposing or rescheduling the launch, or by `launch.reconfirm`.
  public var at: Timestamp
  /// Who confirmed it: `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// How often the confirmation must be repeated, according to the policy that the launch was tiered by.
  public var rule: ReconfirmationRule

  public init(at: Timestamp, by: String, rule: ReconfirmationRule = .standard) {
    self.at = at
    self.by = by
    self.rule = rule
  }
}

/// How often the dates of launches must be confirmed: `reconfirmation` of a policy file.
public struct ReconfirmationRule: Sendable, Hashable, Codable {
  /// The number of days for which a confirmation is valid.
  public var everyDays: Int
  /// The number of weeks before the launch date during which it must be repeated.
  public var lastWeeks: Int
  /// The tiers whose dates must be confirmed; empty for none.
  public var tiers: [Tier]

  public init(everyDays: Int, lastWeeks: Int, tiers: [Tier]) {
    self.everyDays = everyDays
    self.lastWeeks = lastWeeks
    self.tiers = tiers
  }

  /// Every 14 days during the last 6 weeks, for tiers 0 and 1.
  public static let standard = ReconfirmationRule(everyDays: 14, lastWeeks: 6, tiers: [.launchEvent, .major])
}

extension ReconfirmationRule {
  /// Reads a policy's `reconfirmation`; omitted values are those of the standard rule. Errors are added to the reader's
  /// faults.
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
  /// No confirmation is needed: the rule does not require one, the launch is not ahead, or its confirmation is not
  /// known here.
  case unneeded
  /// Confirmed until the end of that day, after which it must be confirmed again.
  case confirmed(until: LocalDate)
  /// Not confirmed since that day ended.
  case lapsed(LocalDate)
}

extension LaunchRecord {
  /// Returns the last day for which the date is confirmed; nil if no confirmation is needed before the launch.
  ///
  /// A confirmation is valid for `everyDays`, and in any case until the last weeks before the launch begin.
  public func confirmationEnd(in zone: ZoneRules) -> LocalDate? {
    guard let confirmation, confirmation.rule.tiers.contains(tier), status.isAhead else { return nil }
    let opening = plan.date.adding(days: -7 * confirmation.rule.lastWeeks)
    let end = max(zone.localDate(at: confirmation.at).adding(days: confirmation.rule.everyDays), opening)
    return end < plan.date ? end : nil
  }

  /// Returns whether the date is confirmed on a day in the launch's zone; once the date has passed, no confirmation is
  /// needed.
  public func dateStanding(on today: LocalDate, in zone: ZoneRules) -> DateStanding {
    guard let end = confirmationEnd(in: zone), today <= plan.date else { return .unneeded }
    return today <= end ? .confirmed(until: end) : .lapsed(end)
  }
}
