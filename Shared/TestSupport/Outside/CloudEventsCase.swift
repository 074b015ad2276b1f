import JSON
public import Testing

/// One event of `cloudevents/cases.json`, with what is expected of it.
public struct CloudEventsCase: Sendable, CustomTestStringConvertible {
  /// Unique among the cases.
  public var name: String
  /// `accept`, `reject`, `may` (either way), or `accept-as-batch`.
  public var expect: String
  /// The rule of the CloudEvents specification that it tries.
  public var why: String
  /// The event's bytes as they are published, which need not be valid.
  public var event: [UInt8]

  public var testDescription: String { "\(name): \(expect) (\(why))" }

  /// All of them; none where the data are not there.
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
