import JSON
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// The checks that every change of a launch begins with.
struct LaunchChange {
  let row: LaunchRow
  let call: CallContext

  /// Finds the launch; refuses a command that makes no sense now and a caller who saw an earlier version.
  init(of launch: LaunchID, by command: LaunchCommand, _ call: CallContext, _ tx: ServiceTransaction) throws {
    row = try LaunchTable(db: tx.db).required(launch)
    self.call = call
    try Self.requireVersion(row.record, call, tx.db)
    try command.require(row.record.status)
  }

  /// The owner's right before GO; after it Product Ops', with a reason.
  func requireOwner(reason: String?) throws {
    guard row.progress.isOwnersNoMore else {
      return try Rights.require(call.actor, .ownLaunch(owner: row.record.plan.owner))
    }
    guard Rights.allows(call.actor, .productOps) || call.actor.entry == nil else {
      throw Problem.forbidden(
        "\(call.actor.person) may not do this; Product Ops may, for there was a GO: from then on changes need a reason")
    }
    try requireProductOps(reason: reason, "after GO a change needs a reason")
  }

  /// Product Ops' right, with a reason, which is given.
  @discardableResult
  func requireProductOps(reason: String?, _ why: String) throws -> String {
    try call.requireProductOps(reason: reason, why)
  }

  /// A caller who names the version they saw is told what has changed since.
  static func requireVersion(_ record: LaunchRecord, _ call: CallContext, _ db: any Transaction) throws {
    guard let expected = call.meta.expectedVersion, expected != record.version else { return }
    let versions = try VersionTable(db: db).from(expected, of: record.plan.launch)
    let since = versions.filter { $0.version > expected }
    let told = since.map { version in
      let before = versions.last { $0.version < version.version }
      let what = before.map { ChangeText.told(version.changed, from: $0.record, to: version.record) } ?? version.changed
      return version.version == 1
        ? "\(version.by) proposed it at \(version.at)"
        : "\(version.by) changed \(what.joined(separator: ", ")) at \(version.at)"
    }
    let changes = since.map { version -> JSONValue in
      [
        "version": .integer(Int64(version.version)), "at": .string(version.at.description), "by": .string(version.by),
        "changed": .array(version.changed.map { .string($0) }),
      ]
    }
    throw Problem.conflict(
      "version-conflict", title: "somebody else changed it meanwhile",
      "you saw version \(expected), and it now is version \(record.version)"
        + (told.isEmpty ? "" : ": \(told.joined(separator: "; "))") + "; look again and repeat the change",
      extra: [
        "expected": .integer(Int64(expected)), "current": .integer(Int64(record.version)), "changes": .array(changes),
      ])
  }
}

extension CallContext {
  /// Product Ops' right, with a reason, which is given.
  ///
  /// - Throws: `forbidden`, or `reason-missing`.
  @discardableResult
  func requireProductOps(reason: String?, _ why: String) throws -> String {
    try Rights.require(actor, .productOps)
    guard let reason, reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason", "\(why); give one with --reason")
    }
    return reason
  }
}
