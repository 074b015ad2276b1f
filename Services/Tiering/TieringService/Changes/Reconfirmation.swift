import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Asks owners to confirm their launch dates: once per confirmation, on the last day for which it is valid.
enum ReconfirmationJob {
  static let sweep = Job("date-reconfirmations", every: .seconds(2)) { environment in
    let now = environment.clock.now()
    let due = try await environment.database.read { try ReconfirmationRepository(db: $0).due(at: now) }
    for launch in due { try await environment.change { try ReconfirmationJob.ask(launch, $0) } }
  }

  /// Sends the notice, unless the date was confirmed meanwhile or has passed.
  private static func ask(_ launch: LaunchID, _ tx: ServiceTransaction) throws {
    guard let row = try LaunchRepository(db: tx.db).find(launch) else { return }
    let (record, plan, zone) = (row.record, row.record.plan, try ZoneRules(row.record.plan.timeZone))
    let (repository, today) = (ReconfirmationRepository(db: tx.db), zone.localDate(at: tx.now))
    if let day = try repository.nextDay(of: record, in: zone), day <= today {
      let key = ReconfirmationRepository.key(of: launch, day)
      // Stored first, so that the audit entry of the announcement includes it.
      try repository.markSent(key, of: launch)
      if today <= plan.date {
        try tx.announce(
          Announcements.noticeReconfirm, launch: launch.rawValue, version: record.version,
          Notice(
            key: key, people: [plan.owner],
            text: "Confirm that \(plan.name) launches on \(plan.date), or move it: gonogo launch reconfirm \(launch)"))
      }
    }
    // Saves the launch, which schedules the next notice.
    try LaunchWriter(tx).progress(row)
  }
}

/// Confirms the dates of launches that were already running when confirmations were introduced.
struct ReconfirmationUpgrade {
  let environment: ServiceEnvironment
  let documents: TieringDocuments

  func confirm() async throws {
    let isNeeded = try await environment.database.read { try !ReconfirmationRepository(db: $0).unconfirmed().isEmpty }
    guard isNeeded else { return }
    try await environment.change { tx in
      let rule = try documents.assessor(tx.db).policy.reconfirmation
      for launch in try ReconfirmationRepository(db: tx.db).unconfirmed() {
        _ = try LaunchWriter(tx).confirm(
          try LaunchRepository(db: tx.db).required(launch), by: rule,
          reason: "it was running when confirmations of dates were introduced")
      }
    }
  }
}
