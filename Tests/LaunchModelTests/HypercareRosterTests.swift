import JSON
import LaunchModel
import Testing

@Suite("Hypercare rosters") struct HypercareRosterTests {
  private static let company = Roster(people: ["grace": Person(name: "Grace"), "jonas": Person(name: "Jonas")])

  private static func read(_ document: JSONValue, people: Roster? = company) throws -> HypercareRoster {
    try HypercareRoster(reading: document, in: try ZoneRules("America/New_York"), people: people)
  }

  /// The pointers of the errors; empty for a valid document.
  private static func pointers(_ document: JSONValue) throws -> [String] {
    do {
      _ = try read(document)
      return []
    } catch let problem as Problem {
      return problem.errors.map(\.pointer)
    }
  }

  private static func local(_ text: String) throws -> LocalDateTime { try #require(LocalDateTime(text)) }

  @Test("A shift repeats each day until its last day, and shifts are sorted by their start")
  func repeated() throws {
    let roster = try Self.read([
      "responseMinutes": 30,
      "shifts": [
        ["person": "jonas", "from": "2027-03-02 22:00", "to": "2027-03-03T06:00", "until": "2027-03-04"],
        ["person": "grace", "from": "2027-03-02T08:00", "to": "2027-03-02T24:00", "responseMinutes": 15],
      ],
    ])
    #expect(roster.hours == .wholeDay)
    let expected = [
      HypercareShift(
        person: "grace", from: try Self.local("2027-03-02T08:00"), to: try Self.local("2027-03-03T00:00"),
        responseMinutes: 15),
      HypercareShift(
        person: "jonas", from: try Self.local("2027-03-02T22:00"), to: try Self.local("2027-03-03T06:00")),
      HypercareShift(
        person: "jonas", from: try Self.local("2027-03-03T22:00"), to: try Self.local("2027-03-04T06:00")),
      HypercareShift(
        person: "jonas", from: try Self.local("2027-03-04T22:00"), to: try Self.local("2027-03-05T06:00")),
    ]
    #expect(roster.shifts == expected)
    #expect(roster.shifts.map(roster.responseMinutes(during:)) == [15, 30, 30, 30])
  }

  private static let shift: [String: JSONValue] = [
    "person": "grace", "from": "2027-03-02T08:00", "to": "2027-03-02T16:00",
  ]

  private static func document(shift change: [String: JSONValue]) -> JSONValue {
    ["responseMinutes": 30, "shifts": .array([.object(shift.merging(change) { $1 })])]
  }

  /// On 14 March New York's clocks skip from 2:00 to 3:00, so that 2:30 is 3:30.
  private static let faultyShifts: [(change: [String: JSONValue], field: String)] = [
    (["person": "grcae"], "person"), (["person": .null], "person"), (["from": "2027-02-30T08:00"], "from"),
    (["from": "2027-03-02T8:00"], "from"), (["from": .null], "from"), (["to": 16], "to"),
    (["to": "2027-03-02T08:00"], "to"), (["from": "2027-03-14T02:30", "to": "2027-03-14T03:15"], "to"),
    (["until": "2027-03-01"], "until"), (["until": "2027-05-02"], "until"),
    (["responseMinutes": 0], "responseMinutes"), (["persom": "grace"], "persom"),
  ]

  @Test("An error in a shift is reported at its field")
  func faultsOfShifts() throws {
    #expect(try Self.pointers(Self.document(shift: [:])) == [])
    #expect(try Self.pointers(Self.document(shift: ["until": "2027-05-01"])) == [])
    for (change, field) in Self.faultyShifts {
      let document = Self.document(shift: change)
      #expect(try Self.pointers(document) == ["/shifts/0/\(field)"], "\(change)")
    }
  }

  private static let faultyDocuments: [(change: [String: JSONValue], pointer: String)] = [
    (["responseMinutes": .null], "/responseMinutes"), (["shifts": []], "/shifts"), (["shifts": .null], "/shifts"),
    (["hours": ["from": "08:00"]], "/hours/to"), (["hours": ["from": "20:00", "to": "08:00"]], "/hours/to"),
    (["hours": ["from": "08:60", "to": "24:00"]], "/hours/from"),
    (["hours": ["from": "00:00", "to": "24:01"]], "/hours/to"), (["shift": []], "/shift"),
  ]

  @Test("Errors outside the shifts are reported at their field, too")
  func faultsOfDocuments() throws {
    let valid = Self.document(shift: [:]).objectValue ?? [:]
    for (change, pointer) in Self.faultyDocuments {
      let document = JSONValue.object(valid.merging(change) { $1 })
      #expect(try Self.pointers(document) == [pointer], "\(change)")
    }
  }

  @Test("A misspelt name gets a suggestion, all errors are reported at once, and without a roster names are unchecked")
  func people() throws {
    let faulty = Self.document(shift: ["person": "grcae", "to": "2027-03-01T16:00"])
    let problem = #expect(throws: Problem.self) { try Self.read(faulty) }
    #expect(problem?.errors.count == 2)
    #expect(problem?.errors.first?.detail.contains("did you mean \"grace\"?") == true)
    #expect(try Self.read(Self.document(shift: ["person": "anyone"]), people: nil).people == ["anyone"])
  }

  @Test("The number of shifts is limited, including repeated ones")
  func limit() throws {
    let shift: JSONValue = [
      "person": "grace", "from": "2027-03-02T08:00", "to": "2027-03-02T16:00", "until": "2027-03-21",
    ]
    let most: JSONValue = ["responseMinutes": 30, "shifts": .array(Array(repeating: shift, count: 20))]
    #expect(try Self.read(most).shifts.count == 400)
    let more: JSONValue = ["responseMinutes": 30, "shifts": .array(Array(repeating: shift, count: 21))]
    #expect(try Self.pointers(more) == ["/shifts"])
  }

  /// From the IANA database: New York skips 2:00 to 3:00 on 2027-03-14 and repeats 1:00 to 2:00 on 2027-11-07; Lord Howe
  /// skips half an hour on 2027-10-03; Apia skipped 2011-12-30.
  @Test(
    "A local time is its first occurrence; if the clock skips it, it is later by the skipped time",
    arguments: [
      ("America/New_York", "2027-03-02T08:00", "2027-03-02T13:00:00Z"),
      ("America/New_York", "2027-03-14T01:59", "2027-03-14T06:59:00Z"),
      ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:30:00Z"),
      ("America/New_York", "2027-03-14T03:00", "2027-03-14T07:00:00Z"),
      ("America/New_York", "2027-11-07T01:30", "2027-11-07T05:30:00Z"),
      ("America/New_York", "2027-11-07T02:00", "2027-11-07T07:00:00Z"),
      ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:45:00Z"),
      ("Australia/Lord_Howe", "2027-10-03T02:30", "2027-10-02T15:30:00Z"),
      ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00:00Z"),
      ("UTC", "2027-03-02T24:00", "2027-03-03T00:00:00Z"),
    ])
  func moments(zone: String, local: String, moment: String) throws {
    let rules = try ZoneRules(zone)
    #expect(rules.moment(of: try Self.local(local)).description == moment)
  }

  @Test("The local time of a moment leaves out its seconds")
  func localTime() throws {
    let rules = try ZoneRules("America/New_York")
    for (moment, local) in [
      ("2027-03-02T13:00:59.5Z", "2027-03-02T08:00"), ("2027-03-14T07:00:00Z", "2027-03-14T03:00"),
      ("2027-11-07T06:30:00Z", "2027-11-07T01:30"), ("1969-12-31T23:59:59Z", "1969-12-31T18:59"),
    ] {
      #expect(rules.localDateTime(at: try #require(Timestamp(moment))).description == local)
    }
  }

  @Test(
    "Other forms of times are refused",
    arguments: ["", "8:00", "08:00:00", "24:01", "-1:00", "08-00", "0８:00", "99:00"])
  func times(text: String) {
    #expect(LocalTime(text) == nil)
    #expect(LocalDateTime("2027-03-02T\(text)") == nil)
  }
}
