import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// Checks the references between the stored roster, template and running launches.
struct RosterReferences {
  let db: any Transaction
  let context: ChecklistContext
  let now: Timestamp

  /// The maximum number of warnings that an adoption returns; `roster.check` returns all.
  private static let mostWarnings = 20

  /// Returns every fault, judged by the given roster or, if it is nil, the adopted one.
  func faults(on roster: Roster?) throws -> [ReferenceFault] {
    guard let roster = roster ?? context.environment.roster, !roster.isEmpty else { return [] }
    let template = try TemplateRepository(db: db).require()
    return ReferenceCheck.faults(of: template, on: roster) + ReferenceCheck.faults(ofDelegatesOn: roster)
      + (try running(on: roster) { $0.referenceFaults(at: $1) }.flatMap { $0 })
  }

  /// Returns what people who are not on a roster hold on the running launches, including the groups that they were in.
  func departures(from groups: [PersonID: Set<String>], on roster: Roster) throws -> [PersonHoldings] {
    guard !roster.isEmpty else { return [] }
    var held: [(person: PersonID, launch: LaunchHoldings)] = []
    _ = try running(on: roster) { checklist, moment in
      for person in checklist.people.union(groups.keys) where roster.people[person] == nil {
        guard let launch = checklist.holdings(of: person, in: groups[person] ?? [], at: moment) else { continue }
        held.append((person: person, launch: launch))
      }
    }
    return PersonHoldings.grouping(held)
  }

  /// Returns what one person holds on the running launches.
  func holdings(of person: PersonID, on roster: Roster) throws -> PersonHoldings {
    let groups = roster.people[person]?.allGroups ?? []
    let held = try running(on: roster) { $0.holdings(of: person, in: groups, at: $1) }
    return PersonHoldings(person: person, launches: held.compactMap(\.self))
  }

  /// Reads a value for each running launch, by date.
  private func running<R>(on roster: Roster, _ body: (LaunchChecklist, LaunchMoment) throws -> R) throws -> [R] {
    let calendars = try context.calendars.all(db)
    let launches = LaunchRepository(db: db)
    return try launches.running().compactMap { try launches.load($0)?.checklist }
      .filter { $0.record.status != .closed }
      .sorted { ($0.record.plan.date, $0.launch) < ($1.record.plan.date, $1.launch) }
      .map { checklist in
        var moment = try context.moment(of: checklist.record.plan, at: now, in: calendars)
        moment.roster = roster
        return try body(checklist, moment)
      }
  }

  /// Returns the faults as warnings for whoever adopts a document; nil if there are none.
  func warnings(on roster: Roster? = nil) throws -> [String]? {
    let faults = try faults(on: roster)
    guard !faults.isEmpty else { return nil }
    let shown = faults.prefix(Self.mostWarnings).map(\.warning)
    let rest = faults.count - shown.count
    return rest > 0 ? shown + ["and \(rest) more; see gonogo roster check"] : shown
  }
}

extension ReferenceFault {
  /// The fault as a warning, prefixed with its launch unless the sentence names it already.
  fileprivate var warning: String {
    guard let name = launch?.rawValue, !detail.contains(name) else { return detail }
    return "\(name): \(detail)"
  }
}
