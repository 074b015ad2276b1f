import LaunchModel

extension Evaluation {
  /// A count, distinct count, ratio or mean over any type of event.
  func custom(_ metric: Metric, _ measure: CustomMeasure, in window: MeasurementWindow) -> Figure {
    let projection = projection(of: metric)
    let rows = projection.tallies.filter { counts($0.key.account, in: window) }
    let hits = rows.values.reduce(0) { $0 + $1.hits }
    let total = rows.values.reduce(0) { $0 + $1.total }
    var figure = Figure(
      n: measure.aggregate == .ratio ? total : hits, watermark: projection.watermark,
      isRestated: rows.values.contains { window.isRestated(byEventStoredAt: $0.lastStored) },
      notes: projection.notes, judgement: .unknown)
    switch measure.aggregate {
    case .count:
      figure.value = Double(hits)
      figure.numerator = hits
    case .distinct:
      let distinct = Set(rows.filter { $0.value.hits > 0 }.map(\.key.subject)).count
      figure.value = Double(distinct)
      figure.numerator = distinct
    case .ratio:
      figure.numerator = hits
      figure.denominator = total
      figure.value = total == 0 ? nil : Double(hits) / Double(total)
    case .mean: figure.value = Self.mean(of: rows)
    }
    if total == 0 {
      figure.value = nil
      figure.notes.append("no event of the type \(measure.type) in the window")
    }
    figure.judgement = measure.target.verdict(on: figure.value)
    return figure
  }

  /// The same for the same numbers in any order: they are added up by size.
  static func mean(of rows: [TallyKey: Tally]) -> Double? {
    let numbers = rows.filter { $0.value.hits > 0 }.compactMap { key, tally in
      Double(key.subject).map { (number: $0, count: tally.hits) }
    }
    let count = numbers.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    let counts = Dictionary(numbers.map { ($0.number, $0.count) }, uniquingKeysWith: +)
    return counts.sorted { $0.key < $1.key }.reduce(0.0) { $0 + $1.key * Double($1.value) } / Double(count)
  }
}
