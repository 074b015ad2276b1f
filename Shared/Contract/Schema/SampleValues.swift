import JSON
import LaunchModel

/// Values for examples: strings come from the example in the member's comment; other values suit the member's name.
struct SampleValues {
  let comments: DocComments

  /// Returns the shape and an example of a scalar; nil for any other type.
  func scalar<T>(_ type: T.Type, at place: ShapeProbe.Place) -> ShapeProbe.Finding? {
    let name = place.member
    let (kind, value): (JSONValue, Any)
    switch type {
    case is Bool.Type: (kind, value) = ("boolean", !Self.usuallyFalse.contains(name))
    case is String.Type: (kind, value) = ("string", text(at: place))
    case is Double.Type: (kind, value) = ("number", Self.numbers[name] ?? 0.25)
    case is Int.Type: (kind, value) = ("integer", Int(Self.numbers[name] ?? 1))
    case is Int64.Type: (kind, value) = ("integer", Int64(Self.numbers[name] ?? 1))
    default: return nil
    }
    return ShapeProbe.Finding(shape: .value(["type": kind]), value: value)
  }

  /// Returns an example that suits the place better than the type's own; nil if there is none.
  func document<T>(at place: ShapeProbe.Place, of type: T.Type) -> JSONValue? {
    switch type {
    case is JSONValue.Type: Self.documents[place.member]
    case is LocalDate.Type: Self.dates[place.member]
    case is Timestamp.Type: Self.times[place.member]
    default: nil
    }
  }

  /// Returns the example key of a dictionary.
  func key(at place: ShapeProbe.Place) -> String { Self.keys[place.member] ?? "key" }

  /// Returns the example in the comment of the member at a place.
  func example(at place: ShapeProbe.Place) -> String? {
    place.owners.lazy.compactMap { comments.example(of: place.member, in: $0) }.first
  }

  private func text(at place: ShapeProbe.Place) -> String {
    Self.texts[place.member] ?? example(at: place) ?? Self.fallbacks[place.member] ?? place.member
  }

  private static let digest = "5f0b6c0a4b1e8f0d3c2b7a69584736251f0e9d8c7b6a59483726150f4e3d2c1b"

  /// Members that have the same value in every example, so that examples are consistent with each other.
  private static let texts = [
    "by": "dana", "closedBy": "dana", "digest": digest, "feature": "smart-routing", "hash": digest,
    "launch": "smart-routing", "owner": "dana", "proposedBy": "dana", "adoptedBy": "dana", "sealedBy": "dana",
    "decidedBy": "dana",
  ]

  /// Values for members whose comment has no example.
  private static let fallbacks = [
    "account": "acme",
    "action": "approve",
    "approvalsFalling": "launch-copy: legal (lena)",
    "approvedBy": "lena",
    "articleMatch": "routing-intro",
    "attended": "dana",
    "because": "the window of 28 days",
    "calendar": "US",
    "calendars": "PL",
    "clock": "2027-03-02T14:00:00Z@60#2026-01-05T10:00:00Z",
    "code": "item-not-done",
    "consumer": "metrics",
    "detail": "Load test is not done",
    "draft": "adoption is 8 points below its target of 30%. By segment: smb −6.2, not given −1.8",
    "ended": "jonas: approved, voided by new evidence",
    "endpoint": "tcp://host-1:7101",
    "examples": "How do I turn routing off?",
    "explanation": "Few accounts opened the new menu.",
    "explanations": "Few accounts opened the new menu.",
    "flag": "smart-routing",
    "flags": "due-soon",
    "folder": "/etc/gonogo/keys",
    "holidays": "Christmas Eve",
    "id": "topic/1",
    "instance": "de",
    "key": "load-test",
    "known": "US",
    "label": "turn routing off",
    "learning": "smart-routing-l1",
    "level": "tier-2",
    "locales": "en",
    "fix": "gonogo up starts the services",
    "message": "no such launch",
    "metrics": "adoption",
    "missing": "topics: the metrics service did not answer",
    "name": "Smart routing",
    "needs": "Product Ops",
    "next": "2027-03-02/smart-routing",
    "note": "ready from our side",
    "notes": "the holidays of 2028 are not known",
    "onBehalfOf": "any",
    "openQuestions": "addsServerCompute",
    "other": "fast-search",
    "outcome": "The article was written.",
    "outcomes": "The article was written.",
    "owners": "dana",
    "people": "dana",
    "point": "search/route-by-skill",
    "problems": "the baseline meets the target already: choose a stricter target",
    "provenOnly": "legal",
    "reason": "agreed with support",
    "reasons": "launch date moved",
    "rejectedBy": "ibrahim",
    "roles": "product-ops",
    "rule": "new-surface",
    "rules": "new-surface",
    "section": "Support readiness",
    "segments": "enterprise",
    "servers": "rq5KoyXKK8v[%A8oD7m@*{FhUAuYg!B}VkpZ^w&3",
    "subject": "routing-intro (de)",
    "table": "launches",
    "target": "template",
    "text": "Explain routing by skill in the knowledge base.",
    "ticket": "T-1042",
    "timeZone": "America/New_York",
    "value": "https://kb.example/routing-intro",
    "version": "0.1.0",
    "warnings": "no roster has been adopted; names are taken as given",
    "weekend": "Sat",
    "why": "Every launch needs it.",
  ]
  private static let numbers: [String: Double] = [
    "denominator": 400, "days": 30, "head": 4_711, "high": 0.38, "low": 0.29, "n": 400, "numerator": 132,
    "offset": 4_711,
    "percentage": 25, "pid": 4_242, "score": 7, "stages": 25, "value": 0.33, "years": 2_027,
  ]
  private static let usuallyFalse: Set<String> = ["stale", "overdue", "failing", "removed"]
  private static let documents: [String: JSONValue] = [
    "definition": ["metrics": [["key": "adoption", "kind": "adoption", "target": ">= 30%", "days": 30]]],
    "detail": ["status": "live", "version": 4], "document": ["version": 3],
  ]
  private static let dates: [String: JSONValue] = [
    "allHands": "2027-02-25", "doneOn": "2027-02-19", "due": "2027-02-23", "earliestDate": "2027-03-01",
    "from": "2027-02-22", "reachedOn": "2027-02-01", "to": "2027-03-05", "waivedUntil": "2027-02-26",
    "opensOn": "2027-04-01", "wasDue": "2027-02-19",
  ]
  private static let times: [String: JSONValue] = [
    "closedAt": "2027-04-02T10:00:00Z", "openedAt": "2027-04-01T13:00:00Z", "opensAt": "2027-04-01T13:00:00Z",
    "proposedAt": "2027-02-01T09:00:00Z", "placedAt": "2027-02-01T09:00:00Z", "rolledBackAt": "2027-03-03T08:15:00Z",
    "sealedAt": "2027-02-25T16:20:00Z", "windowEnd": "2027-04-01T14:30:00Z",
  ]
  private static let keys = [
    "calendars": "support", "explanations": "adoption", "holidays": "2027-12-24", "methods": "launch.show",
    "outcomes": "search/route-by-skill", "people": "dana", "reachedOn": "1",
  ]
}
