import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite struct IdentityTests {
  private static let roster = Roster(
    people: [
      "dana": Person(name: "Dana", functions: [.productOps], roles: ["product-ops"], principals: [Principal("key:d")]),
      "ibrahim": Person(name: "Ibrahim", functions: [.engineering], principals: [Principal("key:i")]),
    ],
    grants: [Grant(principal: Principal("key:bot"), onBehalfOf: "any")])

  private static let change = CounterService.Change(name: "a", by: 1)

  @Test("Without a roster, names are accepted with a warning") func beforeRoster() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let result = try await service.result(
        CounterService.add, Self.change, meta: CallMeta(onBehalfOf: "whoever"))
      #expect(result["warnings"] == ["no roster has been adopted; names are taken as given"])
      let trail = try await service.call(ServiceRoutes.auditShow(.tiering), .init(launch: "a"))
      #expect(trail.links.first?.by == "whoever (claimed by \(ProcessIdentity.ownPrincipal))")
    }
  }

  @Test("Once there is a roster, people whom it does not name are strangers") func strangers() {
    let own: Set<Principal> = [Principal("uid:1")]
    let (known, granted, stranger) = (Principal("key:d"), Principal("key:bot"), Principal("uid:2"))
    for principal in [known, granted, stranger, Principal("uid:1")] {
      #expect(!(nil as Roster?).isStranger(principal, to: own))
      #expect(!(Roster() as Roster?).isStranger(principal, to: own))
      #expect((Self.roster as Roster?).isStranger(principal, to: own) == (principal == stranger))
    }
  }

  @Test("With a roster, the audit names the principal's person") func withRoster() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.adopt(Self.roster)
      let result = try await service.result(CounterService.add, Self.change, as: "ibrahim")
      #expect(result["warnings"] == nil)
      let params = try JSONCoding.encode(Self.change)
      _ = try await service.send(
        "counter.add", params: params, as: Principal("key:bot"), meta: CallMeta(onBehalfOf: "dana"))
      let trail = try await service.call(ServiceRoutes.auditShow(.tiering), .init(launch: "a"))
      #expect(trail.links.map(\.by) == ["ibrahim", "dana (claimed by key:bot)"])
    }
  }

  @Test("A principal that is not on the roster may only ping") func notOnRoster() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.adopt(Self.roster)
      let stranger = Principal("uid:4242")
      let ping = try await service.send("service.ping", params: Array("{}".utf8), as: stranger)
      #expect(ping["service"] == "tiering")
      let params = try JSONCoding.encode(Self.change)
      for method in ["counter.show", "counter.add", "service.info", "audit.show"] {
        let problem = await #expect(throws: Problem.self) {
          _ = try await service.send(method, params: params, as: stranger)
        }
        #expect(problem?.kind == .forbidden)
      }
    }
  }

  @Test("The installation's own processes may read without an entry, but change nothing") func installation()
    async throws
  {
    try await withServiceHarness(CounterService.self) { service in
      try await service.adopt(Self.roster)
      let counter = try await service.call(CounterService.show, Self.change)
      #expect(counter.value == 0)
      let problem = await #expect(throws: Problem.self) { try await service.call(CounterService.add, Self.change) }
      #expect(problem?.kind == .forbidden)
    }
  }

  @Test("The roster is replaced only by a later version") func rosterVersions() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.adopt(Self.roster, version: 2)
      try await service.adopt(Roster(people: ["eve": Person(name: "Eve")]), version: 1)
      #expect(service.environment.roster == Self.roster)
      let later = Roster(people: ["frank": Person(name: "Frank")])
      try await service.adopt(later, version: 3)
      #expect(service.environment.roster == later)
    }
  }

  @Test("The roster survives a restart") func restart() async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withServiceHarness(CounterService.self, in: folder) { try await $0.adopt(Self.roster) }
      try await withServiceHarness(CounterService.self, in: folder) { service in
        #expect(service.environment.roster == Self.roster)
      }
    }
  }

  @Test(
    "A service does not start without its adopted roster, or with another one",
    arguments: [
      "DELETE FROM adopted_roster", "UPDATE adopted_roster SET version = 1",
      "UPDATE adopted_roster SET roster = replace(roster, 'Ibrahim', 'Eve')",
    ])
  func changedRoster(_ sql: String) async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withServiceHarness(CounterService.self, in: folder, isTampered: true) { service in
        try await service.adopt(Self.roster, version: 2)
        #expect(try await service.environment.database.write { try $0.execute(sql) } == 1)
      }
      let error = await #expect(throws: StorageError.self) {
        try await withServiceHarness(CounterService.self, in: folder, isTampered: true) { _ in }
      }
      #expect(error?.code == .unreadable)
      let message = try #require(error?.message)
      #expect(message.contains("adopted-roster was changed in the store outside gonogo: link 1 says"), "\(message)")
    }
  }

  @Test("A lost roster cannot be accepted; one that is adopted again applies after the next start")
  func adoptedAgain() async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withServiceHarness(CounterService.self, in: folder) { service in
        try await service.adopt(Self.roster)
        #expect(try await service.environment.database.write { try $0.execute("DELETE FROM adopted_roster") } == 1)
        let accept = AuditAcceptParameters(launch: "roster", reason: "looked at, ticket 4711")
        let refused = await #expect(throws: Problem.self) {
          try await service.call(ServiceRoutes.auditAccept(.tiering), accept, as: "dana")
        }
        #expect(refused?.code == "roster-missing")
        try await service.adopt(Self.roster, version: 2)
        let accepted = try await service.call(ServiceRoutes.auditAccept(.tiering), accept, as: "dana")
        #expect(accepted.keys == ["adopted-roster"])
      }
      try await withServiceHarness(CounterService.self, in: folder) { service in
        #expect(service.environment.roster == Self.roster)
      }
    }
  }
}
