import Contract
import LaunchModel

extension Timestamp {
  /// The time to the minute: `2027-03-02 14:00Z`.
  var short: String {
    let text = description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))Z"
  }

  /// The date in UTC: `2027-03-02`.
  var day: String { String(description.prefix(10)) }
}

/// Returns a count with its noun, for example `1 event` or `2 events`; pass `plural` if it is not formed with `s`.
func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}

extension String {
  /// The first twelve digits of a digest, enough to tell two digests apart.
  var shortDigest: String { String(prefix(12)) }
}

extension Tier {
  /// The tier with its name: `1 Major`.
  var label: Text { Text("\(rawValue) \(title)", self <= .major ? .strong : .plain) }
}

extension LaunchStatus {
  var label: Text {
    switch self {
    case .proposed, .preparing, .decided: Text(rawValue)
    case .live, .hypercare, .measuring: Text(rawValue, .good)
    case .inReview: Text(rawValue, .warning)
    case .closed: Text(rawValue, .faint)
    case .postponed, .rolledBack, .cancelled: Text(rawValue, .bad)
    }
  }
}

extension ReadinessState {
  var label: Text { Text(rawValue, tone) }

  /// One character, for boards.
  var symbol: String {
    switch self {
    case .ready: "✓"
    case .onTrack: "·"
    case .atRisk: "!"
    case .blocked: "✗"
    case .unknown: "?"
    }
  }

  var tone: Text.Tone {
    switch self {
    case .ready: .good
    case .onTrack: .plain
    case .atRisk: .warning
    case .blocked, .unknown: .bad
    }
  }
}

extension Recommendation {
  var label: Text {
    switch self {
    case .go: Text("GO", .good)
    case .noGo: Text("NO-GO", .bad)
    }
  }
}

extension DecisionKind {
  var label: Text {
    switch self {
    case .go: Text("GO", .good)
    case .noGo: Text("NO-GO", .bad)
    case .hold: Text("HOLD", .warning)
    }
  }
}

extension Double {
  /// Returns the number with at most that many decimals, without trailing zeros.
  func digits(_ count: Int) -> String {
    let scale = (0..<count).reduce(1.0) { power, _ in power * 10 }
    let scaled = (self * scale).rounded(.toNearestOrAwayFromZero)
    guard scaled.magnitude < 1e15 else { return "\(self)" }
    let whole = Int64(scaled.magnitude)
    let fraction = String(whole % Int64(scale))
    var text = (scaled < 0 ? "-" : "") + String(whole / Int64(scale))
    if whole % Int64(scale) != 0 {
      let padded = String(repeating: "0", count: count - fraction.count) + fraction
      text += "." + padded.reversed().drop { $0 == "0" }.reversed().map(String.init).joined()
    }
    return text
  }

  /// The number with all of its digits, for programs: `0.3125`, or `12` if it is whole.
  var exact: String { Int64(exactly: self).map { String($0) } ?? String(self) }

  /// The share as a percentage: `31.2%`.
  var percent: String { (self * 100).digits(1) + "%" }
}
