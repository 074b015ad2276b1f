import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// Reminds owners of actions that are due, for as long as they are open.
enum ReminderSweep {
  static let sweep = Sweep("remind-of-actions", every: .seconds(2)) { try await remind($0) }

  static func remind(_ environment: ServiceEnvironment) async throws {
    // A day ahead, because it is tomorrow already in some zone.
    let latest = ZoneRules.utc.localDate(at: environment.clock.now()).adding(days: 1)
    let due = try await environment.database.read { try ActionTable(db: $0).due(by: latest) }
    for action in due { try await environment.change { try remind(of: action.id, $0) } }
  }

  private static func remind(of id: String, _ tx: ServiceTransaction) throws {
    let actions = ActionTable(db: tx.db)
    var action = try actions.required(id)
    guard action.state == .open, let due = action.due, let launch = try LaunchTable(db: tx.db).launch(action.launch)
    else { return }
    let today = try ZoneRules(launch.plan.timeZone).localDate(at: tx.now)
    guard let date = ActionReminder.date(due: due, today: today, last: action.remindedOn) else { return }
    action.remindedOn = date
    try actions.update(action)
    let review = try ReviewTable(db: tx.db).review(action.launch, action.attempt)
    try tx.announce(
      Announcements.noticeActionDue, launch: action.launch.rawValue, version: review?.version ?? 1,
      Notice(
        key: "actiondue/\(id)/\(date)", people: action.owner.map { [$0] } ?? [],
        functions: action.owner == nil ? [.productOps] : [],
        text: "\(id) is \(due < today ? "overdue since" : "due on") \(due): \(action.text)"))
  }
}
