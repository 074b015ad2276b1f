import Foundation
import TestSupport
import Testing

@testable import Topics

/// How well a partition agrees with labels, as scikit-learn defines it.
struct PartitionScore {
  /// Normalised mutual information, with the arithmetic mean.
  let information: Double
  /// The adjusted Rand index.
  let rand: Double
  /// How many of the ten largest labels are the most frequent one in one of the ten largest clusters.
  let hits: Int

  /// - Parameter clusters: For each item its cluster; nil is a cluster of its own.
  init(labels: [String], clusters: [String?]) {
    let clusters = clusters.enumerated().map { $0.element ?? "outside \($0.offset)" }
    var table: [String: [String: Int]] = [:]
    for (label, cluster) in zip(labels, clusters) { table[cluster, default: [:]][label, default: 0] += 1 }
    let rows = table.values.map { $0.values.reduce(0, +) }
    var columns: [String: Int] = [:]
    for label in labels { columns[label, default: 0] += 1 }
    let total = Double(labels.count)
    func entropy(_ counts: some Sequence<Int>) -> Double {
      -counts.reduce(0) { $0 + Double($1) / total * log(Double($1) / total) }
    }
    let cells = table.values.flatMap(\.values)
    let (rowEntropy, columnEntropy) = (entropy(rows), entropy(columns.values))
    let mutual = rowEntropy + columnEntropy - entropy(cells)
    information = mutual / ((rowEntropy + columnEntropy) / 2)
    func pairs(_ counts: some Sequence<Int>) -> Double { counts.reduce(0) { $0 + Double($1 * ($1 - 1)) / 2 } }
    let expected = pairs(rows) * pairs(columns.values) / (total * (total - 1) / 2)
    rand = (pairs(cells) - expected) / ((pairs(rows) + pairs(columns.values)) / 2 - expected)
    let largest = table.sorted { ($1.value.values.reduce(0, +), $0.key) < ($0.value.values.reduce(0, +), $1.key) }
    let heads = largest.prefix(10).compactMap { cluster in
      cluster.value.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
    let labelsBySize = columns.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10).map(\.key)
    hits = labelsBySize.count { heads.contains($0) }
  }
}

/// The tickets of `tickets/launch_week_clinc150.csv`.
struct SharedTicket {
  var text: String
  var label: String

  static func all() throws -> [SharedTicket] {
    try TestData.text("tickets/launch_week_clinc150.csv").split(whereSeparator: \.isNewline).dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      var text = fields.dropLast(2).joined(separator: ",")
      if text.hasPrefix("\"") { text = String(text.dropFirst().dropLast().replacing("\"\"", with: "\"")) }
      return SharedTicket(text: text, label: String(fields[fields.count - 2]))
    }
  }
}

@Suite("Quality of topics")
struct TopicQualityTests {
  // scikit-learn 1.9: normalized_mutual_info_score and adjusted_rand_score of the same lists.
  @Test(
    "Scores equal scikit-learn's",
    arguments: [
      ("aaabbbccc", "111222333", 1, 1), ("aaabbbccc", "112223331", 0.42061984, 0.11111111),
      ("aaaabbcd", "11122.3.", 0.76812013, 0.44444444),
      ("abcdefgh", "11112222", 0.50000000, 0.00000000),
    ] as [(String, String, Double, Double)])
  func scores(labels: String, clusters: String, information: Double, rand: Double) {
    let score = PartitionScore(
      labels: labels.map { String($0) }, clusters: clusters.map { $0 == "." ? nil : String($0) })
    #expect(abs(score.information - information) < 1e-6)
    #expect(abs(score.rand - rand) < 1e-6)
  }

  @Test(
    "The shared tickets: agreement, and the largest topics",
    .enabled(if: TestData.isAvailable, "shared/data is missing"))
  func sharedTickets() throws {
    let shared = try SharedTicket.all()
    #expect(shared.count == 745)
    let tickets = shared.enumerated().map {
      TopicTicket(id: String($0.offset), subject: "", body: $0.element.text, day: $0.offset % 7)
    }
    let analysis = TopicAnalysis(of: tickets)
    let score = PartitionScore(labels: shared.map(\.label), clusters: analysis.assignments)
    #expect(score.information >= 0.87)
    #expect(score.rand >= 0.62)
    #expect(score.hits >= 6)
    #expect(Set(analysis.topics.map(\.label)).count == analysis.topics.count)
    let backwards = TopicAnalysis(of: tickets.reversed())
    #expect(backwards.assignments == analysis.assignments.reversed())
  }
}
