import ArgumentParser
import Contract
import JSON
import LaunchModel
import Testing

@testable import Gateway

@Suite("Item commands")
struct ItemCommandTests {
  private static let asked = ["a", "b", "c", "d", "e"]

  /// The checklist's answer to a call for several items: a success for each item without a problem.
  private static func answer(
    _ problems: [String: Problem] = [:], announced: Bool = true
  ) -> @Sendable (RecordingServices.Call) throws -> JSONValue {
    { call in
      guard call.method != ChecklistRoutes.items.method else {
        return try JSONCoding.value(ItemList(launch: Sample.launch, items: []))
      }
      let names = call.params["keys"]?.arrayValue?.compactMap(\.stringValue) ?? []
      let results = names.map { name in
        let reference = ItemReference(name: name)
        if let problem = problems[name] { return ItemResult(reference, error: problem) }
        let item = Sample.item(reference.key, reference.instance, .done)
        return ItemResult(ItemDetail(launch: Sample.launch, item: item, history: []))
      }
      var value = try JSONCoding.value(ItemResults(launch: Sample.launch, results: results)).objectValue ?? [:]
      if !announced { value["announced"] = false }
      return .object(value)
    }
  }

  private func run(_ words: [String], _ services: RecordingServices) async throws {
    let command = try #require(try Gonogo.parseAsRoot(["item"] + words) as? any GatewayCommand)
    try await command.run(in: services.session)
  }

  @Test(
    "Every item command makes one call after one request for the head, regardless of the number of items",
    arguments: [
      (["start"], "start"), (["done"], "done"), (["reopen", "--reason", "r"], "reopen"),
      (["block", "--reason", "r"], "block"), (["unblock"], "unblock"), (["submit"], "submit"),
      (["approve", "--group", "legal"], "approve"), (["reject", "--reason", "r"], "reject"), (["withdraw"], "withdraw"),
      (["waive", "--reason", "r"], "waive"), (["na", "--reason", "r"], "markNotApplicable"),
      (["assign", "--to", "lena"], "assign"), (["attach", "--evidence", "e"], "attach"),
      (["comment", "-m", "c"], "comment"), (["show"], "show"),
    ])
  func calls(words: [String], verb: String) async throws {
    try await withRecordingServices(answer: Self.answer()) { services in
      try await run([words[0], Sample.launch.rawValue] + Self.asked + words.dropFirst(), services)
      #expect(services.methods == ["bus events.head", "checklist item.\(verb)"])
      let call = try #require(services.calls.last)
      #expect(call.params["keys"] == .array(Self.asked.map { .string($0) }))
      #expect(call.params["allInstances"] == nil)
      #expect(call.meta.after == 1)
      #expect((call.meta.idempotencyKey == nil) == (verb == "show"))
    }
  }

  @Test("Listing items makes one call after one request for the head")
  func list() async throws {
    try await withRecordingServices(answer: Self.answer()) { services in
      try await run(["list", Sample.launch.rawValue, "--open"], services)
      #expect(services.methods == ["bus events.head", "checklist checklist.items"])
    }
  }

  @Test("A verb's parameters are sent with the names; --all-instances is sent only if given")
  func parameters() async throws {
    try await withRecordingServices(answer: Self.answer()) { services in
      try await run(
        [
          "done", Sample.launch.rawValue, "kb-article", "qa", "--all-instances", "--on", "2027-02-22", "--link",
          "x://y",
        ],
        services)
      let params = try #require(services.calls.last?.params)
      #expect(
        params == [
          "launch": "smart-routing", "keys": ["kb-article", "qa"], "allInstances": true, "on": "2027-02-22",
          "evidence": ["kind": "link", "value": "x://y"],
        ])
    }
  }

  @Test(
    "All items of a person are moved or previewed in one call; refused items set the exit status",
    arguments: [(["--launch", "smart-routing"], "item.reassign"), (["--dry-run"], "item.previewReassign")])
  func reassign(words: [String], method: String) async throws {
    func item(_ key: String, _ instance: String? = nil, refused: String? = nil) -> ReassignedItem {
      ReassignedItem(
        launch: Sample.launch, key: key, instance: instance, state: .open, due: Sample.date("2027-02-23"),
        refused: refused)
    }
    let answer = Reassignment(
      from: "erin", to: "lena", items: [item("qa"), item("kb-article", "de", refused: "grace may not do this")])
    try await withRecordingServices(answer: { _ in try JSONCoding.value(answer) }) { services in
      let failure = await #expect(throws: GatewayError.self) {
        try await run(["assign", "--from", "erin", "--to", "lena"] + words, services)
      }
      #expect(failure == GatewayError(.forbidden, ["smart-routing kb-article/de: grace may not do this"]))
      #expect(services.methods == ["bus events.head", "checklist \(method)"])
      let params = services.calls.last?.params
      #expect(params?["from"] == "erin" && params?["to"] == "lena")
      #expect(params?["launch"]?.stringValue == (words.count == 2 ? "smart-routing" : nil))
      let lines = try services.output().split(separator: "\n")
      #expect(lines.count == 3 && lines[1].hasSuffix("lena") && lines[2].hasSuffix("not moved"), "\(lines)")
    }
  }

  @Test(
    "A waiver is given, requested or declined by the same call",
    arguments: [([], nil), (["--request"], "request"), (["--decline"], "decline")] as [([String], String?)])
  func waiver(words: [String], step: String?) async throws {
    try await withRecordingServices(answer: Self.answer()) { services in
      try await run(["waive", Sample.launch.rawValue, "qa", "--reason", "r"] + words, services)
      #expect(services.calls.last?.params["waiver"]?.stringValue == step)
    }
  }

  @Test("Each item is printed on a line; failures are reported by name, and the first one sets the exit status")
  func partial() async throws {
    let problems = [
      "qa": Problem.conflict("already-done", "qa is done already"), "kb-article/de": Problem.forbidden("not yours"),
    ]
    try await withRecordingServices(answer: Self.answer(problems)) { services in
      let failure = await #expect(throws: GatewayError.self) {
        try await run(["done", Sample.launch.rawValue, "a", "qa", "b", "kb-article/de"], services)
      }
      #expect(failure == GatewayError(.conflict, ["qa is done already", "kb-article/de: not yours"]))
      let output = try services.output()
      #expect(output == "a  done\nb  done\n")
    }
  }

  @Test("The failure of a single item is reported without its name")
  func only() async throws {
    try await withRecordingServices(answer: Self.answer(["qa": .forbidden("not yours")])) { services in
      let failure = await #expect(throws: GatewayError.self) {
        try await run(["done", Sample.launch.rawValue, "qa"], services)
      }
      #expect(failure == GatewayError(.forbidden, "not yours"))
    }
  }

  @Test("In JSON, each item is a line with the common fields of the response")
  func json() async throws {
    try await withRecordingServices(format: .json, answer: Self.answer(announced: false)) { services in
      try await run(["done", Sample.launch.rawValue, "a", "kb-article/de"], services)
      let lines = try services.output().split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
      #expect(lines.map { $0["item"]?["key"] } == ["a", "kb-article"])
      #expect(lines.map { $0["launch"] } == ["smart-routing", "smart-routing"])
      #expect(lines.allSatisfy { $0["history"] == [] && $0["announced"] == false && $0["results"] == nil })
    }
  }

  @Test("All unknown names are reported, and nothing is printed")
  func unresolved() async throws {
    let problem = Problem(
      .invalid, code: "item-ambiguous", title: "ambiguous item", detail: "kb-article is ambiguous: … (and 1 more)",
      errors: [
        FieldError(pointer: "/keys/0", detail: "kb-article is ambiguous: …"),
        FieldError(pointer: "/keys/2", detail: "no item \"qx\" in smart-routing"),
      ])
    try await withRecordingServices(answer: { _ in throw problem }) { services in
      for (verb, consequence) in [("done", ["no items were changed"]), ("show", [])] {
        let failure = await #expect(throws: GatewayError.self) {
          try await run([verb, Sample.launch.rawValue, "kb-article", "a", "qx"], services)
        }
        #expect(
          failure
            == GatewayError(
              .badInput, ["kb-article is ambiguous: …", "no item \"qx\" in smart-routing"] + consequence))
      }
      let output = try services.output()
      #expect(output.isEmpty)
    }
  }

  @Test("A response in short form still shows the state of each item")
  func short() async throws {
    let answer: @Sendable (RecordingServices.Call) throws -> JSONValue = { _ in
      ["launch": "smart-routing", "results": [["key": "a", "instance": nil, "state": "in-review", "version": 3]]]
    }
    try await withRecordingServices(answer: answer) { services in
      try await run(["submit", Sample.launch.rawValue, "a"], services)
      #expect(try services.output() == "a  in-review\n")
    }
  }

  @Test(
    "An unknown owner of an empty list is refused with the nearest name; a departed owner with work is not",
    arguments: [
      ["item", "list", "smart-routing", "--owner", "grce"], ["launch", "list", "--owner", "grce"],
      ["review", "action", "list", "--owner", "grce"], ["calendar", "export", "--owner", "grce"],
    ])
  func unknownOwner(words: [String]) async throws {
    let roster = Roster(people: ["grace": Person(name: "Grace")])
    func answer(_ roster: Roster, owned: Bool) -> @Sendable (RecordingServices.Call) throws -> JSONValue {
      { call in
        switch call.method {
        case ChecklistRoutes.showRoster.method:
          return try JSONCoding.value(RosterView(rosterVersion: roster.isEmpty ? 0 : 1, document: roster))
        case ChecklistRoutes.items.method:
          let item = Sample.item("qa", owner: owned ? "grce" : "grace")
          return try JSONCoding.value(ItemList(launch: Sample.launch, items: [item]))
        case TieringRoutes.list.method: return ["launches": []]
        case ChecklistRoutes.showHalt.method: return try JSONCoding.value(HaltView(nil))
        case TieringRoutes.blackouts.method: return ["blackouts": []]
        case ServiceRoutes.ping(.tiering).method:
          let now = try #require(Timestamp("2027-01-13T14:00:00Z"))
          return try JSONCoding.value(ServicePing(service: .tiering, pid: 1, version: "0.1.0", now: now))
        default: return ["actions": []]
        }
      }
    }
    @Sendable func run(_ services: RecordingServices) async throws {
      let command = try #require(try Gonogo.parseAsRoot(words) as? any GatewayCommand)
      try await command.run(in: services.session)
    }
    try await withRecordingServices(answer: answer(roster, owned: false)) { services in
      let failure = await #expect(throws: GatewayError.self) { try await run(services) }
      #expect(
        failure
          == GatewayError(
            .badInput, "--owner: \"grce\" is not on the roster (did you mean \"grace\"?); see gonogo roster show"))
      let output = try services.output()
      #expect(output.isEmpty)
    }
    try await withRecordingServices(answer: answer(Roster(), owned: false)) { try await run($0) }
    guard words[0] == "item" else { return }
    // Somebody who left is found while something is theirs.
    try await withRecordingServices(answer: answer(roster, owned: true)) { try await run($0) }
  }
}
