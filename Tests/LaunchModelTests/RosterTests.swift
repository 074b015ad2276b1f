import JSON
import LaunchModel
import Testing

@Suite("Roster and rights") struct RosterTests {
  static func roster() throws -> Roster {
    try Roster(
      reading: [
        "people": [
          "dana": [
            "name": "Dana Reyes", "functions": ["product-ops"], "roles": ["product-ops"], "principals": ["uid:1000"],
          ],
          "ibrahim": [
            "name": "Ibrahim Chen", "functions": ["engineering"], "lead": ["engineering"], "groups": ["legal"],
            "principals": ["uid:1001", "key:rq5"],
          ],
          "sam": ["name": "Sam Ito", "functions": ["support"]],
        ],
        "grants": [
          ["principal": "uid:1000", "onBehalfOf": "any"],
          [
            "principal": "uid:990",
            "publish": ["sources": ["//helpdesk/"], "types": ["dev.gonogo.signal.ticket."]],
          ],
        ],
        "provenOnly": ["legal"],
      ])
  }

  @Test("A principal acts as the person it belongs to") func ownIdentity() throws {
    let actor = try Self.roster().actor(principal: Principal("key:rq5"))
    #expect(actor.person == "ibrahim")
    #expect(!actor.isClaimed)
  }

  @Test("Acting on behalf of another person requires a grant, and the actor is marked as claimed") func onBehalfOf()
    throws
  {
    let roster = try Self.roster()
    let actor = try roster.actor(principal: .uid(1000), onBehalfOf: "sam")
    #expect(actor.description == "sam (claimed by uid:1000)")
    #expect(throws: Problem.self) { try roster.actor(principal: .uid(1001), onBehalfOf: "sam") }
    #expect(throws: Problem.self) { try roster.actor(principal: .uid(1000), onBehalfOf: "nobody") }
  }

  @Test("Without a roster, names are accepted without proof") func beforeRoster() throws {
    let actor = try Roster().actor(principal: .uid(7), onBehalfOf: "dana")
    #expect(actor.person == "dana")
    #expect(actor.isBeforeRoster)
    #expect(Rights.allows(actor, .productOps))
  }

  @Test(
    "Rights follow product.md, section 6",
    arguments: [
      ("uid:1000", Right.productOps, true), ("uid:1000", .leads(.engineering), true),
      ("uid:1000", .approves(group: "legal"), false),
      ("uid:1000", .approves(group: "product-ops"), true), ("uid:1001", .productOps, false),
      ("uid:1001", .leads(.engineering), true), ("uid:1001", .leads(.support), false),
      ("uid:1001", .memberOf(.engineering), true),
      ("uid:1001", .memberOf(.support), false), ("uid:1001", .ownLaunch(owner: "ibrahim"), true),
      ("uid:1001", .ownLaunch(owner: "dana"), false), ("uid:1001", .approves(group: "legal"), true),
      ("uid:1001", .approves(group: "engineering"), true), ("uid:1001", .onRoster, true), ("uid:5", .onRoster, false),
      ("uid:1001", .read, true), ("uid:5", .read, false),
    ])
  func rights(_ principal: String, _ right: Right, _ isAllowed: Bool) throws {
    let actor = try Self.roster().actor(principal: Principal(principal))
    #expect(Rights.allows(actor, right) == isAllowed)
  }

  @Test("The installation's own processes may only read") func installation() throws {
    var actor = try Self.roster().actor(principal: .uid(5))
    actor.isInstallation = true
    #expect(Rights.allows(actor, .read))
    #expect(!Rights.allows(actor, .onRoster) && !Rights.allows(actor, .productOps))
  }

  @Test("Publishing is granted by source and type, and Product Ops may publish everything") func publishing() throws {
    let roster = try Self.roster()
    let type = "dev.gonogo.signal.ticket.opened.v1"
    #expect(roster.allowsPublishing(.uid(990), source: "//helpdesk/eu", type: type))
    #expect(!roster.allowsPublishing(.uid(990), source: "//other", type: type))
    #expect(!roster.allowsPublishing(.uid(990), source: "//helpdesk/eu", type: "dev.gonogo.signal.csat.scored.v1"))
    #expect(!roster.allowsPublishing(.uid(1001), source: "//helpdesk/eu", type: type))
    #expect(roster.allowsPublishing(.uid(1000), source: "//any", type: type))
  }

  @Test("A publish grant can be limited to items; a key applies to all its instances") func narrowed() throws {
    let roster = try Roster(
      reading: [
        "people": ["dana": ["name": "Dana", "roles": ["product-ops"], "principals": ["uid:1"]]],
        "grants": [
          [
            "principal": "uid:990",
            "publish": [
              "sources": ["//ci/"], "types": ["dev.gonogo.signal.evidence."], "items": ["qa", "kb-article/de"],
            ],
          ]
        ],
      ])
    let publish = try #require(roster.grants.first?.publish)
    for (item, isAllowed) in [
      ("qa", true), ("qa/x", true), ("kb-article/de", true), ("kb-article", false), ("load-test", false), (nil, false),
    ] as [(String?, Bool)] {
      #expect(publish.allowsEvidence(about: item) == isAllowed)
    }
    #expect(Grant.Publish(sources: [], types: []).allowsEvidence(about: nil))
    #expect(try JSONCoding.decode(Roster.self, from: try JSONCoding.encode(roster)) == roster)
  }

  @Test("A function's members and people with the grant may propose launches; other readers may not") func propose()
    throws
  {
    let roster = try Roster(
      reading: [
        "people": [
          "dana": ["name": "Dana", "roles": ["product-ops"], "principals": ["uid:1"]],
          "erin": ["name": "Erin", "functions": ["engineering"], "principals": ["uid:2"]],
          "rita": ["name": "Rita", "groups": ["legal"], "principals": ["uid:3"]],
          "gus": ["name": "Gus", "principals": ["uid:4"]],
        ],
        "grants": [["principal": "uid:4", "rights": ["propose"]], ["principal": "uid:2", "onBehalfOf": "any"]],
      ])
    for (uid, isAllowed) in [(1, true), (2, true), (3, false), (4, true), (5, false)] as [(UInt32, Bool)] {
      #expect(Rights.allows(try roster.actor(principal: .uid(uid)), .propose) == isAllowed, "uid:\(uid)")
    }
    #expect(Rights.allows(try roster.actor(principal: .uid(2), onBehalfOf: "gus"), .propose))
    #expect(!Rights.allows(try roster.actor(principal: .uid(2), onBehalfOf: "rita"), .propose))
    let problem = #expect(throws: Problem.self) {
      try Roster(
        reading: [
          "people": ["dana": ["name": "Dana", "roles": ["product-ops"], "principals": ["uid:1"]]],
          "grants": [["principal": "uid:4", "rights": ["propos"]]],
        ])
    }
    #expect(problem?.detail.contains("did you mean \"propose\"?") == true)
  }

  @Test("All errors in a roster are reported at once") func errors() {
    let problem = #expect(throws: Problem.self) {
      try Roster(
        reading: [
          "people": [
            "a": ["name": "A", "functions": ["enginering"], "principals": ["uid:1"]],
            "b": ["functions": ["sales"], "lead": ["support"], "principals": ["uid:1", "root"]],
          ],
          "grants": [["principal": "uid:x", "onBehalfOf": "zoe"], ["principal": "uid:2"]], "provenOnly": ["legal"],
        ])
    }
    #expect(
      Set(problem?.errors.map(\.pointer) ?? []) == [
        "/people/a/functions/0", "/people/b/name", "/people/b/lead/0", "/people/b/principals/0",
        "/people/b/principals/1", "/people", "/grants/0/principal", "/grants/0/onBehalfOf", "/grants/1",
        "/provenOnly/0",
      ])
  }

  @Test(
    "A roster in which no one can act as Product Ops is refused with the fix",
    arguments: [
      ([:], [], false), (["principals": ["uid:1"]], [], true),
      ([:], [["principal": "uid:7", "onBehalfOf": "any"]], true),
      ([:], [["principal": "uid:7", "onBehalfOf": "dana"]], true),
      ([:], [["principal": "uid:7", "onBehalfOf": "sam"]], false),
      ([:], [["principal": "uid:7", "publish": ["sources": ["//a"], "types": ["b"]]]], false),
    ] as [(JSONValue, JSONValue, Bool)])
  func reach(_ fields: JSONValue, _ grants: JSONValue, _ isAdopted: Bool) {
    let dana = (fields.objectValue ?? [:]).merging(["name": "Dana", "roles": ["product-ops"]]) { own, _ in own }
    let document: JSONValue = [
      "people": ["dana": .object(dana), "sam": ["name": "Sam", "principals": ["uid:9"]]], "grants": grants,
    ]
    let errors = Self.errors(of: document)
    #expect(errors.map(\.pointer) == (isAdopted ? [] : ["/people/dana"]))
    #expect(errors.allSatisfy { $0.detail.contains("add principals, for example [\"uid:1000\"]") })
  }

  @Test("An unknown role is refused with the nearest known one") func roles() {
    let people: JSONValue = [
      "dana": ["name": "Dana", "roles": ["product-ops"], "principals": ["uid:1"]],
      "zeus": ["name": "Zeus", "roles": ["god"]], "tess": ["name": "Tess", "roles": ["product-op"]],
    ]
    let errors = Self.errors(of: ["people": people])
    #expect(errors.map(\.pointer) == ["/people/tess/roles/0", "/people/zeus/roles/0"])
    #expect(errors.allSatisfy { $0.detail.contains("product-ops") })
  }

  private static func errors(of document: JSONValue) -> [FieldError] {
    do {
      _ = try Roster(reading: document)
      return []
    } catch {
      return error.errors
    }
  }

  /// Erin stands in for Ibrahim, who leads Engineering, and who stands in for Dana.
  private static func delegating(_ delegates: JSONValue) throws -> Roster {
    try Roster(
      reading: [
        "people": [
          "dana": ["name": "Dana", "roles": ["product-ops"], "principals": ["uid:1"]],
          "ibrahim": [
            "name": "Ibrahim", "functions": ["engineering"], "lead": ["engineering"], "principals": ["uid:2"],
          ],
          "erin": ["name": "Erin", "functions": ["support"], "principals": ["uid:3"]],
        ],
        "grants": [["principal": "uid:2", "rights": ["consume"]], ["principal": "uid:9", "onBehalfOf": "erin"]],
        "delegates": delegates,
      ])
  }

  private static let delegates: JSONValue = [
    ["from": "ibrahim", "to": "erin", "until": "2027-03-01"], ["from": "dana", "to": "ibrahim", "until": "2027-03-01"],
  ]

  @Test("A stand-in has the absent person's rights in addition to their own, and both are recorded")
  func standIn() throws {
    let roster = try Self.delegating(Self.delegates)
    let now = try #require(Timestamp("2027-02-20T12:00:00Z"))
    let erin = try roster.actor(principal: .uid(3), at: now)
    #expect(erin.description == "erin")
    #expect(!Rights.allows(erin, .leads(.engineering)))
    let standIn = try #require(erin.standIns.first)
    #expect(erin.standIns.count == 1, "whom Ibrahim stands in for is none of Erin's business")
    #expect(standIn.description == "erin for ibrahim")
    #expect(standIn.person == "erin" && standIn.rightsHolder == "ibrahim")
    for right in [Right.leads(.engineering), .ownLaunch(owner: "ibrahim"), .granted(.consume), .onRoster] {
      #expect(Rights.allows(standIn, right), "\(right)")
    }
    for right in [Right.memberOf(.support), .productOps, .ownLaunch(owner: "erin")] {
      #expect(!Rights.allows(standIn, right), "\(right)")
    }
    let named = try roster.actor(principal: .uid(3), onBehalfOf: "ibrahim", at: now)
    #expect(named == standIn)
    let claimed = try roster.actor(principal: Principal("uid:9"), onBehalfOf: "erin", at: now)
    #expect(claimed.standIns.map(\.description) == ["erin for ibrahim (claimed by uid:9)"])
    #expect(Actor.people(in: "erin for ibrahim (claimed by uid:9)") == ["erin", "ibrahim"])
    #expect(Actor.people(in: "erin (claimed by uid:9)") == ["erin"])
    #expect(try JSONCoding.decode(Roster.self, from: try JSONCoding.encode(roster)) == roster)
  }

  /// The last day ends last at noon UTC of the next one, and in New York at 05:00 UTC.
  @Test(
    "A delegation ends with its last day, in the launch's own time zone",
    arguments: [
      ("2027-03-02T04:59:59Z", true, true), ("2027-03-02T05:00:00Z", true, false),
      ("2027-03-02T12:00:00Z", false, false),
    ])
  func ends(time: String, isStandIn: Bool, holdsInNewYork: Bool) throws {
    let roster = try Self.delegating(Self.delegates)
    let now = try #require(Timestamp(time))
    let today = try ZoneRules("America/New_York").localDate(at: now)
    let erin = try roster.actor(principal: .uid(3), at: now)
    #expect(erin.standIns.isEmpty == !isStandIn)
    #expect(erin.identities(on: today).count == (holdsInNewYork ? 2 : 1))
    if let standIn = erin.standIns.first {
      var code: String?
      do { try standIn.requireDelegation(on: today) } catch { code = error.code }
      #expect(code == (holdsInNewYork ? nil : "delegation-ended"))
    }
    if !isStandIn {
      #expect(throws: Problem.self) { try roster.actor(principal: .uid(3), onBehalfOf: "ibrahim", at: now) }
    }
    #expect(try roster.actor(principal: .uid(3)).standIns.isEmpty, "without a moment nobody stands in")
  }

  @Test("Faulty delegations are reported with positions; one from a departed person is valid, without effect")
  func delegationFaults() throws {
    let problem = #expect(throws: Problem.self) {
      try Self.delegating([
        ["from": "erin", "to": "erin", "until": "2027-03-01"], ["from": "dana", "until": "tomorrow"],
        ["from": "dana", "to": "erin", "until": "2027-03-01"], ["from": "dana", "to": "erin", "until": "2027-04-01"],
        ["from": "dana", "to": "ibrahim", "unti": "2027-03-01"],
      ])
    }
    let pointers = Set(problem?.errors.map(\.pointer) ?? [])
    #expect(pointers.isSuperset(of: ["/delegates/0/to", "/delegates/1/to", "/delegates/3", "/delegates/4/until"]))
    let roster = try Self.delegating([["from": "zoe", "to": "erin", "until": "2027-03-01"]])
    let now = try #require(Timestamp("2027-02-20T12:00:00Z"))
    #expect(try roster.actor(principal: .uid(3), at: now).standIns.isEmpty)
  }
}
