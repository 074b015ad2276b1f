import JSON
import Contract
import LaunchModel

/// Proposes the launches of a file.
struct LaunchImporter: Sendable {
  let session: Session
  let file: String
  let table: LaunchFileTable

  /// Calls on their way at once, where nothing is stored; proposed is one after the other, for conflicts are charged to the later.
  private static let outstanding = 8

  /// Each by itself; one with a fault, or whose id is taken, keeps no other from being proposed.
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

  /// The launches that can be read, and the faults of the other lines: those that cannot be, and those whose id an earlier line
  /// has, for several are proposed at once, in no order.
  private func readable() -> (entries: [LaunchFileTable.Entry], faults: [FieldError]) {
    var (lines, faults): ([String: Int], [FieldError]) = ([:], table.faults)
    let entries = table.entries.filter { entry in
      guard let id = entry.document["launch"]?.stringValue else { return true }
      guard let earlier = lines[id] else {
        lines[id] = entry.line
        return true
      }
      let detail = "there is a launch \(id) on line \(earlier) already; choose another id"
      faults.append(FieldError(pointer: "/launch", line: entry.line, detail: detail))
      return false
    }
    return (entries, faults.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
  }

  /// Tells of the faults above a line, so that all are told in the order of the file.
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
          shortfallDays: record.shortfall?.days ?? 0, conflicts: record.conflicts.count))
    } catch let failure as CallError {
      return .failure(failure)
    }
  }

  private static let missingID = Problem.invalid(
    "invalid-launch", pointer: "/launch", "give the launch an id, as smart-routing")

  /// Faults of a launch are told with its line; what keeps every launch from being proposed ends the import.
  private func take(
    _ result: Result<LaunchImportOutcome.Proposed, CallError>, _ entry: LaunchFileTable.Entry,
    _ outcome: inout LaunchImportOutcome
  ) throws {
    switch result {
    case .success(let proposed): outcome.proposed.append(proposed)
    case .failure(let failure):
      guard [.invalid, .invalidParams, .conflict, .tooLarge].contains(failure.problem.kind) else {
        session.console.note("\(outcome.proposed.count) of \(outcome.read) launches were proposed before this")
        throw failure
      }
      reject(failure.problem.faults, line: entry.line, &outcome)
    }
  }

  private func reject(_ faults: [FieldError], line: Int, _ outcome: inout LaunchImportOutcome) {
    outcome.rejected.append(.init(line: line, errors: faults))
    for fault in faults {
      session.console.fault(
        ["\(file):\(line)", fault.pointer, fault.detail].filter { !$0.isEmpty }.joined(separator: ": "))
    }
  }

  /// All of them in one transaction, or none.
  func proposeTogether() async throws -> LaunchImportOutcome {
    var outcome = LaunchImportOutcome(read: table.entries.count + table.faults.count)
    let (entries, faults) = readable()
    guard faults.isEmpty else {
      // The service is not asked for all of them; what is wrong with the others is told all the same.
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

  private var nothingChanged: GatewayError { GatewayError(.badInput, "\(file) has faults; nothing was changed") }

  /// The document that a fault is in, and where in it.
  private static func place(of fault: FieldError) -> (index: Int?, pointer: String) {
    var tokens = JSONPointer(fault.pointer)?.tokens ?? []
    guard tokens.first == "documents", tokens.count > 1, let index = Int(tokens[1]) else { return (nil, fault.pointer) }
    tokens.removeFirst(2)
    return (index, JSONPointer(tokens: tokens).description)
  }
}

extension Problem {
  /// Its faults; itself where it has none.
  fileprivate var faults: [FieldError] { errors.isEmpty ? [FieldError(pointer: "", detail: detail)] : errors }
}
