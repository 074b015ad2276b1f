import Contract
import JSON
import LaunchModel

extension Evaluation {
  /// A count, distinct count, ratio, sum or mean over events of any type.
  func custom(_ metric: Metric, _ measure: CustomMeasure, in window: MeasurementWindow) -> Figure {
    let projection = projection(of: metric)
    let rows = projection.tallies.filter { counts($0.key.account, in: window) }
    let hits = rows.values.reduce(0) { $0 + $1.hits }
    let total = rows.values.reduce(0) { $0 + $1.total }
    var figure = Figure(
      n: measure.aggregate == .ratio ? total : hits, watermark: projection.watermark, notes: projection.notes,
      isPruned: projection.isPruned, judgement: .unknown)
    switch measure.aggregate {
    case .count:
      figure.value = Double(hits)
      figure.numerator = hits
    case .distinct:
      let distinct = distinct(rows, of: measure, in: window)
      figure.value = hits == 0 ? nil : Double(distinct)
      figure.numerator = distinct
    case .ratio:
      figure.numerator = hits
      figure.denominator = total
      figure.value = total == 0 ? nil : Double(hits) / Double(total)
    case .sum: figure.value = Self.sum(of: rows)?.sum
    case .mean: figure.value = Self.mean(of: rows)
    }
    if total == 0 { figure.value = nil }
    if let note = measure.note(hits: hits, matching: measure.matching(rows), total: total) { figure.notes.append(note) }
    figure.judgement = projection.verdict(on: figure.value, measure.target)
    return figure
  }

  /// The number of distinct values. If the values are accounts, merged accounts count as the account that they were
  /// merged into, and excluded ones do not count.
  func distinct(_ rows: [TallyKey: Tally], of measure: CustomMeasure, in window: MeasurementWindow) -> Int {
    let subjects = Set(rows.lazy.filter { $0.value.hits > 0 }.map(\.key.subject))
    guard measure.countsAccounts else { return subjects.count }
    let moment = window.statesBefore(asOf: now)
    return Set(
      subjects.compactMap { subject in
        CustomMeasure.key(inSubject: subject).flatMap { evidence.accounts.counted($0, before: moment) }
      }
    ).count
  }

  /// The mean; nil without numbers.
  static func mean(of rows: [TallyKey: Tally]) -> Double? { sum(of: rows).map { $0.sum / Double($0.count) } }

  /// The sum of the numbers, and how many there are; nil without numbers. Adds in ascending order, so that the same
  /// numbers always give the same sum.
  static func sum(of rows: [TallyKey: Tally]) -> (sum: Double, count: Int)? {
    let numbers = rows.filter { $0.value.hits > 0 }.compactMap { key, tally in
      Double(key.subject).map { (number: $0, count: tally.hits) }
    }
    let count = numbers.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    let counts = Dictionary(numbers.map { ($0.number, $0.count) }, uniquingKeysWith: +)
    return (counts.sorted { $0.key < $1.key }.reduce(0.0) { $0 + $1.key * Double($1.value) }, count)
  }
}

extension CustomMeasure {
  /// The number of events that match the conditions, including those without a usable value in the field.
  fileprivate func matching(_ rows: [TallyKey: Tally]) -> Int {
    rows.reduce(0) { $0 + ($1.key.subject == Self.unusable ? $1.value.total : $1.value.hits) }
  }

  /// The note on a figure with these numbers of events; nil if none is needed.
  ///
  /// - Parameters:
  ///   - hits: the events that match the conditions and, if a field is aggregated, have a usable value.
  ///   - matching: the events that match the conditions.
  ///   - total: all events; for a ratio, those of its denominator.
  fileprivate func note(hits: Int, matching: Int, total: Int) -> String? {
    if total == 0 {
      return "no event of type \(type) \(base.isEmpty ? "in the window" : "matches the metric's of")"
    }
    let isFiltered = !conditions.isEmpty
    guard let field else {
      guard hits == 0, isFiltered else { return nil }
      return base.isEmpty
        ? "no event of type \(type) matches the metric's where"
        : "no event that matches the metric's of also matches its where"
    }
    if hits == 0 {
      return "no event\(isFiltered ? " that matches the metric's where" : "") has a usable value at \(field)"
    }
    return hits * 2 < matching ? "events with a usable value at \(field): only \(hits) of \(matching)" : nil
  }
}
