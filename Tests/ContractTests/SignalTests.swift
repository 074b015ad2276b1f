import JSON
import TestSupport
import Testing

@testable import Contract
import LaunchModel

@Suite("Reading signals") struct SignalTests {
  /// The fields that contract.md, section 4, names, the required ones first. It is the statement that the declarations are held
  /// against.
  private static let stated: [SignalType: (required: Set<String>, optional: Set<String>)] = [
    .featureUsed: (["feature", "account"], ["user", "count"]),
    .accountActive: (["account"], ["segment"]),
    .accountChanged: (["account", "state"], ["mergedInto", "segment"]),
    .articlePublished: (["article", "locale"], ["title", "body", "url", "feature", "launch"]),
    .articleViewed: (["article"], ["locale", "account"]),
    .articleRated: (["article", "rating"], ["voter", "locale"]),
    .searchMissed: (["query"], ["locale"]),
    .ticketOpened: (["ticket", "account"], ["subject", "body", "feature", "tags", "channel", "locale"]),
    .ticketUpdated: (["ticket"], ["account", "feature", "tags", "channel", "status", "mergedInto"]),
    .ticketEscalated: (["ticket"], ["level", "reason"]),
    .csatScored: (["ticket", "score", "scale"], ["account", "feature", "channel"]),
    .flagChanged: (["flag", "percentage", "environment"], []),
    .deployFinished: (["service", "outcome"], ["version", "environment", "feature", "launch"]),
    .evidenceRecorded: (
      ["launch", "item", "outcome"],
      ["instance", "kind", "url", "digest", "text", "on", "attended", "presenter", "person"]
    ),
    .feedGap: (["feed", "from", "to"], []),
    .feedFilled: (["feed", "from", "to"], []),
  ]

  @Test("Every signal type declares the fields that the contract specifies", arguments: SignalType.allCases)
  func fields(type: SignalType) throws {
    let fields = SignalField.all(of: type)
    let stated = try #require(Self.stated[type])
    #expect(Set(fields.filter(\.isRequired).map(\.name)) == stated.required)
    #expect(Set(fields.filter { !$0.isRequired }.map(\.name)) == stated.optional)
    #expect(Set(fields.map(\.name)).count == fields.count, "each field is declared once")
    #expect(type.payload.type == type)
  }

  @Test("A type's examples match it, with and without the optional fields", arguments: SignalType.allCases)
  func examples(type: SignalType) throws {
    var example = SignalVariants.example(of: type)
    _ = try Signal(type, data: .object(example))
    for field in SignalField.all(of: type) where !field.isRequired && field.name != "mergedInto" {
      example[field.name] = nil
    }
    _ = try Signal(type, data: .object(example))
  }

  @Test(
    "Every malformed variant of every signal field has a single verdict that names the field",
    arguments: SignalType.allCases)
  func malformed(type: SignalType) throws {
    for variant in SignalVariants.all(of: type) {
      let error = #expect(throws: EventError.self, "\(variant)") { try Signal(type, data: variant.data) }
      #expect(error?.code == "malformed-data")
      #expect(error?.detail.hasPrefix("\(type.rawValue): data.\(variant.field)") == true, "\(error?.detail ?? "")")
    }
    for variant in SignalVariants.fitting(type) {
      #expect(throws: Never.self, "\(variant)") { try Signal(type, data: variant.data) }
    }
  }

  @Test("A whole number is read as a key's digits wherever a key is expected", arguments: SignalType.allCases)
  func numbers(type: SignalType) throws {
    for field in SignalField.all(of: type) where field.rule == .key {
      var (number, digits) = (SignalVariants.example(of: type), SignalVariants.example(of: type))
      number[field.name] = 17
      digits[field.name] = "17"
      #expect(try Signal(type, data: .object(number)) == Signal(type, data: .object(digits)))
      #expect(try Signal.normalized(.object(number), as: type) == .object(digits))
    }
  }

  @Test(
    "A whole number in any notation is a key if it fits 64 bits; any other number is refused",
    arguments: [
      (17, "17"), (17.0, "17"), (1_000.0, "1000"), (-3, "-3"), (1.5, nil), (1e300, nil),
    ] as [(JSONValue, String?)])
  func notations(number: JSONValue, key: String?) throws {
    let data: JSONValue = ["account": number]
    if let key {
      #expect(try AccountActive(data: data).account == key)
    } else {
      let error = #expect(throws: EventError.self) { _ = try AccountActive(data: data) }
      #expect(error?.code == "malformed-data")
    }
  }

  @Test("Tags may be numbers too")
  func numberedTags() throws {
    let signal = try TicketUpdated(data: ["ticket": 9_007_199_254_740_993, "tags": ["a", 7]])
    #expect((signal.ticket, signal.tags) == ("9007199254740993", ["a", "7"]))
    #expect(
      try Signal.normalized(["ticket": 1, "tags": [7], "more": 3], as: .ticketUpdated)
        == ["ticket": "1", "tags": ["7"], "more": 3])
  }

  @Test(
    "A score counts as satisfied from the value that the contract specifies",
    arguments: [
      ("thumbs", "up", true), ("thumbs", "down", false), ("thumbs", 1, true), ("thumbs", 0, false),
      ("thumbs", true, true),
      ("1-5", 4, true), ("1-5", 3, false), ("1-5", 5, true), ("1-5", 3.9, false), ("1-10", 8, true), ("1-10", 7, false),
      ("1-10", 10, true),
    ] as [(String, JSONValue, Bool)])
  func satisfaction(scale: String, score: JSONValue, isSatisfied: Bool) throws {
    let signal = try CSATScored(data: ["ticket": "t", "scale": .string(scale), "score": score])
    #expect(signal.isSatisfied == isSatisfied)
  }

  @Test(
    "The message names the field, the value and the form",
    arguments: [
      (
        .flagChanged, ["flag": "f", "percentage": 101, "environment": "production"],
        "data.percentage is 101; expected a number from 0 to 100"
      ),
      (.articleRated, ["article": "a", "rating": "meh"], "data.rating is \"meh\"; expected one of down, up"),
      (.ticketOpened, ["ticket": "T-1"], "data.account is missing"),
      (
        .ticketOpened, ["ticket": ["T-1"], "account": "a"],
        "data.ticket is [\"T-1\"]; expected a string or a whole number of at most 64 bits"
      ),
      (.ticketOpened, ["ticket": "t", "account": "a", "tags": "x"], "data.tags is \"x\"; expected a list of strings"),
      (
        .csatScored, ["ticket": "t", "scale": "1-5", "score": 6],
        "data.score is 6; expected a number from 1 to 5, because the scale is 1-5"
      ),
      (
        .csatScored, ["ticket": "t", "scale": "thumbs", "score": 0.5],
        "data.score is 0.5; expected up or 1, or down or 0, because the scale is thumbs"
      ),
      (
        .accountChanged, ["account": "a", "state": "merged"],
        "data.mergedInto is missing; expected a key, because the state is merged"
      ),
      (.ticketOpened, ["ticket": "T-1", "account": .null], "data.account is null; expected a value"),
      (
        .ticketOpened, ["ticket": "T\u{0}", "account": "a"],
        #"data.ticket is "T\u0000"; expected a string of 1 to 512 bytes without U+0000"#
      ),
      (
        .accountChanged, ["account": "a", "state": "merged", "mergedInto": "a"],
        "data.mergedInto is \"a\"; expected another account than data.account"
      ),
      (
        .evidenceRecorded, ["launch": "l", "item": "i", "outcome": "passed", "on": "yesterday"],
        "data.on is \"yesterday\"; expected a date such as 2027-03-02"
      ),
    ] as [(SignalType, JSONValue, String)])
  func messages(type: SignalType, data: JSONValue, detail: String) {
    let error = #expect(throws: EventError.self) { try Signal(type, data: data) }
    #expect(error?.detail == "\(type.rawValue): \(detail)")
  }

  @Test(
    "The stored message ends with the rule, however long the value is",
    arguments: [
      (.string(String(repeating: "a", count: 514)), "has 514 bytes; expected at most 512 bytes"),
      (.string(String(repeating: "ä", count: 257)), "has 514 bytes; expected at most 512 bytes"),
      (.string(String(repeating: "a\u{0}", count: 300)), "expected a string of 1 to 512 bytes without U+0000"),
      (.string(String(repeating: "\"\\", count: 300) + "\u{0}"), "expected a string of 1 to 512 bytes without U+0000"),
      (.array([.string(String(repeating: "ä", count: 300))]), "expected a string or a whole number of at most 64 bits"),
    ] as [(JSONValue, String)])
  func longValues(key: JSONValue, rule: String) throws {
    let thrown = #expect(throws: EventError.self) {
      try Signal(.ticketOpened, data: ["ticket": key, "account": "a"])
    }
    let error = try #require(thrown)
    #expect(error.detail.hasSuffix(rule), "\(error.detail)")
    #expect(Excerpt.shortening(error.detail).hasSuffix(rule), "\(Excerpt.shortening(error.detail))")
    let stored = EventRejection(code: error.code, detail: error.detail)
    #expect(stored.detail.hasSuffix(rule), "\(stored.detail)")
  }

  @Test(
    "Gaps name the type of their feed in full, or in short without the prefix and version",
    arguments: SignalType.allCases)
  func shortNames(type: SignalType) throws {
    let short = String(type.rawValue.dropFirst("dev.gonogo.signal.".count).dropLast(".v1".count))
    for name in [short, type.rawValue] {
      #expect(try FeedGap(data: Self.gap(of: name)).feed == FeedName(type: type.rawValue, source: "//helpdesk/"))
      #expect(try FeedFilled(data: Self.gap(of: name)).feed == FeedName(type: type.rawValue, source: "//helpdesk/"))
    }
  }

  @Test(
    "What is not a signal's short name stays the type of another system",
    arguments: ["com.example.opened", "opened", "ticket", "ticket.opened.v1", "Ticket.opened", "ticket.opened.v2"])
  func otherNames(name: String) throws {
    #expect(try FeedGap(data: Self.gap(of: name)).feed.type == name)
    #expect(try FeedFilled(data: Self.gap(of: name)).feed.type == name)
  }

  private static func gap(of type: String) -> JSONValue {
    [
      "feed": ["type": .string(type), "source": "//helpdesk/"], "from": "2027-03-01T08:00:00Z",
      "to": "2027-03-01T11:30:00Z",
    ]
  }

  @Test("Data that are not an object are refused", arguments: [nil, .null, "x", []] as [JSONValue?])
  func notAnObject(data: JSONValue?) {
    let error = #expect(throws: EventError.self) { try Signal(.featureUsed, data: data) }
    #expect(error?.code == "malformed-data")
  }
}
