import Contract
import JSON
import LaunchModel

/// Proposes the launches of a file.
struct LaunchImporter: Sendable {
  let session: Session
  let table: LaunchFileTable

  /// The number of concurrent calls in a dry run. Real proposals are made one by one, because a conflict counts against
  /// the launch that is proposed later.
  private static let outstanding = 8

  /// Proposes each launch separately: one with an error, or whose id exists already, does not affect the others.
  func proposeEach(dryRun: Bool) async throws -> LaunchImportOutcome {
    var outcome = LaunchImportOutcome(read: table.entries.count + table.faults.count, dryRun: dryRun)
    var (entries, faults) = readable()
    var next = entries.startIndex
    while next < entries.endIndex {
      let batch = entries[next..<min(next + (dryRun ? Self.outstanding : 1), entries.endIndex)]
      let results = try await withThrowingTaskGroup(of: (Int, Result<LaunchImportOutcome.Proposed, CallError>).self) {
        group in
        for (index, entry) in zip(batch.indices, batch) {
          group.addTask { (index, try await propose(entry, dryRun: dryRun)) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for (index, result) in results.sorted(by: { $0.0 < $1.0 }) {
        reject(&faults, before: entries[index].line, &outcome)
        try take(result, entries[index], &outcome)
      }
      next = batch.endIndex
    }
    reject(&faults, before: .max, &outcome)
    return outcome
  }

  /// Returns the launches that can be read, and the errors of the other lines: lines that cannot be read, and lines
  /// that repeat an earlier line's id. Repeated ids are checked here because a dry run checks several lines at once, in
  /// no particular order.
  private func readable() -> (entries: [LaunchFileTable.Entry], faults: [FieldError]) {
    var (lines, faults): ([String: Int], [FieldError]) = ([:], table.faults)
    let entries = table.entries.filter { entry in
      guard let id = entry.document["launch"]?.stringValue else { return true }
      guard let earlier = lines[id] else {
        lines[id] = entry.line
        return true
      }
      let detail = "\(id) is already on line \(earlier); choose another id"
      faults.append(FieldError(pointer: "/launch", line: entry.line, detail: detail))
      return false
    }
    return (entries, faults.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
  }

  /// Reports the errors of lines before a line, so that all errors are reported in the order of the file.
  private func reject(_ faults: inout [FieldError], before line: Int, _ outcome: inout LaunchImportOutcome) {
    while let fault = faults.first, let own = fault.line, own < line {
      faults.removeFirst()
      reject([FieldError(pointer: fault.pointer, detail: fault.detail)], line: own, &outcome)
    }
  }

  private func propose(
    _ entry: LaunchFileTable.Entry, dryRun: Bool
  ) async throws -> Result<LaunchImportOutcome.Proposed, CallError> {
    do {
      if dryRun {
        let request = ClassifyLaunch(document: entry.document, asProposal: true)
        let answer = try await session.call(TieringRoutes.classify, request).value
        let id = entry.document["launch"]?.stringValue.flatMap { LaunchID($0) }
        guard let id else { throw CallError(service: .tiering, problem: Self.missingID) }
        let date = entry.document["date"]?.stringValue.flatMap { LocalDate($0) }
        return .success(
          .init(
            line: entry.line, launch: id, tier: answer.tier, date: date, shortfallDays: answer.shortfall?.days ?? 0,
            conflicts: answer.conflicts.count))
      }
      let record = try await session.call(TieringRoutes.propose, ProposeLaunch(document: entry.document)).value
      return .success(
        .init(
          line: entry.line, launch: record.plan.launch, tier: record.tier, date: record.plan.date,
          shortfallDays: record.shortfall?.days ?? 0, conflicts: record.conflictCount?.total ?? record.conflicts.count))
    } catch let failure as CallError {
      return .failure(failure)
    }
  }

  private static let missingID = Problem.invalid(
    "invalid-launch", pointer: "/launch", "missing; give the launch an id, e.g. smart-routing")

  /// Reports a launch's errors with its line. An error that would affect every launch ends the import.
  private func take(
    _ result: Result<LaunchImportOutcome.Proposed, CallError>, _ entry: LaunchFileTable.Entry,
    _ outcome: inout LaunchImportOutcome
  ) throws {
    switch result {
    case .success(let proposed): outcome.proposed.append(proposed)
    case .failure(let failure):
      guard [.invalid, .invalidParams, .conflict, .tooLarge].contains(failure.problem.kind) else {
        session.console.note("\(outcome.proposed.count) of \(outcome.read) launches were proposed before this error")
        throw failure
      }
      reject(failure.problem.faults, line: entry.line, &outcome)
    }
  }

  private func reject(_ faults: [FieldError], line: Int, _ outcome: inout LaunchImportOutcome) {
    outcome.rejected.append(.init(line: line, errors: faults))
    for fault in faults {
      session.console.fault(
        ["\(table.name):\(line)", fault.pointer, fault.detail].filter { !$0.isEmpty }.joined(separator: ": "))
    }
  }

  /// Proposes all launches in one transaction, or none.
  func proposeTogether() async throws -> LaunchImportOutcome {
    var outcome = LaunchImportOutcome(read: table.entries.count + table.faults.count)
    let (entries, faults) = readable()
    guard faults.isEmpty else {
      // The launches cannot be proposed together, because some lines have errors; a dry run reports what is wrong with
      // the other lines.
      _ = try await proposeEach(dryRun: true)
      throw nothingChanged
    }
    do {
      let list = try await session.call(
        TieringRoutes.importLaunches, ImportLaunches(documents: entries.map(\.document))
      ).value
      outcome.proposed = zip(list.launches, entries).map { launch, entry in
        .init(
          line: entry.line, launch: launch.id, tier: launch.tier, date: launch.date,
          shortfallDays: launch.shortfallDays, conflicts: launch.conflicts ?? 0)
      }
    } catch let failure as CallError where !failure.problem.errors.isEmpty {
      for fault in failure.problem.errors {
        let (index, rest) = Self.place(of: fault)
        reject(
          [FieldError(pointer: rest, detail: fault.detail)], line: index.map { entries[$0].line } ?? 1, &outcome)
      }
      throw nothingChanged
    }
    return outcome
  }

  private var nothingChanged: GatewayError { GatewayError(.badInput, "\(table.name) has errors; nothing was changed") }

  /// Returns the index of the document that an error is in, and the path within that document.
  private static func place(of fault: FieldError) -> (index: Int?, pointer: String) {
    var tokens = JSONPointer(fault.pointer)?.tokens ?? []
    guard tokens.first == "documents", tokens.count > 1, let index = Int(tokens[1]) else { return (nil, fault.pointer) }
    tokens.removeFirst(2)
    return (index, JSONPointer(tokens: tokens).description)
  }
}

/// The result of importing a file.
struct LaunchImportOutcome: Codable, Sendable {
  /// A launch that was proposed, or would be.
  struct Proposed: Codable, Sendable {
    /// The line of the file on which it begins.
    var line: Int
    /// The launch's id.
    var launch: LaunchID
    /// The tier.
    var tier: Tier
    /// The planned date; nil if a dry run has not read one.
    var date: LocalDate?
    /// The number of calendar days by which the date is too early, or 0.
    var shortfallDays: Int
    /// The number of conflicts that count against it; in a dry run, only conflicts with existing launches.
    var conflicts: Int
  }
  /// A launch that was not proposed.
  struct Rejected: Codable, Sendable {
    /// The line of the file on which it begins.
    var line: Int
    /// Its errors.
    var errors: [FieldError]
  }

  /// The number of launches in the file.
  var read: Int
  /// The launches that were proposed.
  var proposed: [Proposed] = []
  /// The launches that were not proposed.
  var rejected: [Rejected] = []
  /// Whether nothing was stored.
  var dryRun = false
}

extension LaunchImportOutcome: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .right("line"), .left("launch"), .left("tier"), .left("date"), .right("short by"), .right("conflicts"),
      ], whenEmpty: "no launches were proposed")
    table.rows = proposed.map { launch in
      [
        Text(launch.line), Text(launch.launch), launch.tier.label, Text(launch.date),
        launch.shortfallDays == 0 ? "" : Text("\(launch.shortfallDays) d", .warning),
        launch.conflicts == 0 ? "" : Text("\(launch.conflicts)", .warning),
      ]
    }
    page.table(table)
    page.blank()
    let what = dryRun ? "would be proposed" : "proposed"
    page.paragraph(Text("\(counted(proposed.count, "launch", plural: "launches")) \(what), \(rejected.count) rejected"))
    guard !dryRun, proposed.contains(where: { $0.shortfallDays > 0 || $0.conflicts > 0 }) else { return }
    page.paragraph(Text("gonogo launch show LAUNCH shows why a date is too early; see also gonogo calendar conflicts"))
  }
}

extension Problem {
  /// Its errors by field; if there are none, the problem itself as a single error.
  fileprivate var faults: [FieldError] { errors.isEmpty ? [FieldError(pointer: "", detail: detail)] : errors }
}
