import JSON
public import Testing

/// One case of `cloudevents/cases.json`: an event and the expected outcome.
public struct CloudEventsCase: Sendable, CustomTestStringConvertible {
  /// The case's unique name.
  public var name: String
  /// `accept`, `reject`, `may` (either way), or `accept-as-batch`.
  public var expect: String
  /// The rule of the CloudEvents specification under test.
  public var why: String
  /// The published bytes, which need not be a valid event.
  public var event: [UInt8]

  public var testDescription: String { "\(name): \(expect) (\(why))" }

  /// All cases; empty if the test data are unavailable.
  public static let all: [CloudEventsCase] = {
    guard let bytes = try? TestData.bytes("cloudevents/cases.json"), let cases = try? JSONValue(parsing: bytes) else {
      return []
    }
    return (cases.arrayValue ?? []).map { each in
      CloudEventsCase(
        name: each["name"]?.stringValue ?? "", expect: each["expect"]?.stringValue ?? "",
        why: each["why"]?.stringValue ?? "", event: Array((each["event"]?.stringValue ?? "").utf8))
    }
  }()
}
