import Foundation

/// Prints the figures as Markdown.
enum Report {
  /// Prints the machine that all figures were measured on.
  static func machine(fsync: Double) {
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    let name = model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    print("\(name), \(ProcessInfo.processInfo.activeProcessorCount) cores, \(memory) GiB; ", terminator: "")
    print("one write of 16 KiB with fdatasync takes \(number(fsync)) µs (median of 200)")
  }

  static func loadHeading() {
    print("\n| publishers | events outstanding, each | events of a message | acknowledged a second | p50 | p99 |")
    print("|---|---|---|---|---|---|")
  }

  private static var memory: UInt64 { (ProcessInfo.processInfo.physicalMemory + (1 << 29)) >> 30 }

  static func load(_ load: PublishLoad, _ figures: [PublishFigures]) {
    print(
      "| \(load.publishers) | \(load.outstanding) | \(load.eventsPerMessage) | \(number(figures.map(\.rate).median)) "
        + "| \(milliseconds(figures.map(\.p50).median)) | \(milliseconds(figures.map(\.p99).median)) |")
  }

  static func capacityHeading(server version: String) {
    print(
      "\nPostgreSQL \(version) on the same machine and disk; acknowledged events a second, and rows a second of pgbench:\n"
    )
    print(
      "| publishers | events outstanding, each | SQLite | p99 | PostgreSQL | p99 | pgbench, one by one | pgbench, 500 at once |"
    )
    print("|---|---|---|---|---|---|---|---|")
  }

  static func capacity(_ figures: Capacity) {
    print(
      "| \(figures.load.publishers) | \(figures.load.outstanding) | \(number(figures.sqlite.map(\.rate).median)) "
        + "| \(milliseconds(figures.sqlite.map(\.p99).median)) | \(number(figures.postgreSQL.map(\.rate).median)) "
        + "| \(milliseconds(figures.postgreSQL.map(\.p99).median)) | \(number(figures.oneByOne.median)) "
        + "| \(number(figures.batches.median)) |")
  }

  /// - Parameter bus: events per second with 16 publishers and 64 events outstanding each.
  static func baseline(_ baseline: Double, bus: Double) {
    print(
      "\nBare C inserts \(number(baseline)) events a second into the same tables, in batches of 1,000. ", terminator: ""
    )
    print("16 publishers with 64 events outstanding each reach \(String(format: "%.2f", bus / baseline)) of it.")
  }

  static func roundTrip(_ times: [Double]) {
    print("\nA call (`service.ping`) takes \(milliseconds(times.median)), p99 \(milliseconds(times.quantile(0.99))).")
  }

  static func visible(_ figures: VisibleFigures) {
    print(
      "\nAn event is in `metric show` \(milliseconds(figures.single.median)) after it was sent, p99 "
        + "\(milliseconds(figures.single.quantile(0.99))); 50,000 events of as many accounts, published at once, are "
        + "there at \(number(figures.rate)) a second.")
  }

  static func launches(_ figures: LaunchFigures, on engine: String) {
    print(
      "\n\(number(Double(figures.launches))) launches on \(engine), proposed at \(number(figures.proposed)) a second in calls of 500:\n"
    )
    print("| question | entries | p50 | p95 |")
    print("|---|---|---|---|")
    for question in figures.questions {
      print(
        "| \(question.name) | \(number(Double(question.entries))) | \(milliseconds(question.times.median)) "
          + "| \(milliseconds(question.times.quantile(0.95))) |")
    }
    print("\nAdopting the calendar that all of them count by takes \(milliseconds(figures.adoption)).")
  }

  private static func number(_ value: Double) -> String {
    let digits = String(Int(value.rounded()))
    let groups = stride(from: digits.count, to: 0, by: -3).map { end in
      String(digits.dropLast(digits.count - end).suffix(3))
    }
    return groups.reversed().joined(separator: ",")
  }

  private static func milliseconds(_ value: Double) -> String { String(format: "%.2f ms", value) }
}
