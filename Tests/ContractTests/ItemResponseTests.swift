import Contract
import JSON
import LaunchModel
import Testing

@Suite("Responses to calls for items")
struct ItemResponseTests {
  private static let history = [
    HistoryEntry(at: Timestamp(microseconds: 0), by: "erin", action: "comment", detail: "seen")
  ]

  private func detail(_ instance: String? = nil) throws -> ItemDetail {
    let item = ItemView(
      key: "kb-article", instance: instance, section: "Support", function: .support, title: "Article", state: .done,
      gate: .blocking, due: try #require(LocalDate("2027-03-01")), overdue: false,
      evidence: [Evidence(kind: .text, value: "written")], why: "a test needs it", version: 4)
    return ItemDetail(launch: try #require(LaunchID("sso")), item: item, history: Self.history)
  }

  private func results() throws -> ItemResponse {
    let problem = Problem.conflict(
      "already-done", String(repeating: "x", count: 300), extra: ["state": "done"])
    return .results(
      ItemResults(
        launch: try #require(LaunchID("sso")),
        results: [ItemResult(try detail("de")), ItemResult(ItemReference(key: "qa"), error: problem)]))
  }

  @Test("a call for one item is answered with the item, as it always was")
  func one() throws {
    let detail = try detail()
    let value = try JSONCoding.value(ItemResponse.item(detail))
    #expect(value == (try JSONCoding.value(detail)))
    #expect(value.objectValue?.keys.sorted() == ["history", "item", "launch"])
    #expect(try JSONCoding.decode(ItemResponse.self, from: value) == .item(detail))
  }

  @Test("a call for several is answered with a result each: the item as for one, or an RFC 9457 problem with its code")
  func several() throws {
    let response = try results()
    let value = try JSONCoding.value(response)
    let entries = try #require(value["results"]?.arrayValue)
    #expect(
      entries[0].objectValue?.keys.sorted() == ["history", "instance", "item", "key", "state", "version"])
    #expect(entries[0]["item"] == (try JSONCoding.value(try detail("de").item)))
    #expect(entries[1]["instance"] == JSONValue.null)
    #expect(entries[1]["error"]?["type"] == "urn:gonogo:problem:already-done")
    #expect(entries[1]["error"]?["code"] == "already-done")
    #expect(entries[1]["error"]?["status"] == 409)
    #expect(try JSONCoding.decode(ItemResponse.self, from: value) == response)
  }

  @Test("what fits is answered whole; what does not, in short form")
  func short() throws {
    let response = try results()
    let size = try JSONCoding.encode(response).count
    #expect(try response.fitting(size) == response)
    let short = try #require(try response.fitting(size - 1).results?.results)
    #expect(short.map(\.state) == [.done, nil])
    #expect(short.map(\.version) == [4, nil])
    #expect(short.allSatisfy { $0.item == nil && $0.history == nil })
    #expect(short[1].error?.code == "already-done")
    #expect(short[1].error?.kind == .conflict)
    #expect(short[1].error?.detail.count == 200)
    let one = try #require(try ItemResponse.item(try detail()).fitting(0).detail)
    #expect(one.short == true)
    #expect(one.item.state == .done)
    #expect(one.history.isEmpty && one.item.evidence.isEmpty)
  }

  @Test(
    "the parameters name one item or several, in one way",
    arguments: [
      (#"{}"#, "/key"), (#"{"key": "qa", "keys": ["qa"]}"#, "/keys"), (#"{"keys": []}"#, "/keys"),
      (#"{"keys": ["qa"], "instance": "de"}"#, "/instance"), (#"{"key": "qa", "allInstances": true}"#, "/allInstances"),
    ])
  func ambiguous(text: String, pointer: String) throws {
    var value = try JSONValue(parsing: Array(text.utf8)).objectValue ?? [:]
    value["launch"] = "sso"
    let action = try JSONCoding.decode(ItemAction.self, from: .object(value))
    let problem = #expect(throws: Problem.self) { _ = try action.selection }
    #expect(problem?.kind == .invalidParams)
    #expect(problem?.errors.map(\.pointer) == [pointer])
  }

  @Test("up to 500 names are accepted in a call")
  func limit() throws {
    let names = (1...500).map { "item-\($0)" }
    #expect(
      try ItemSelection(key: nil, instance: nil, keys: names, allInstances: nil)
        == .several(names, allInstances: false))
    let problem = #expect(throws: Problem.self) {
      try ItemSelection(key: nil, instance: nil, keys: names + ["qa"], allInstances: nil)
    }
    #expect(problem?.code == "too-many-items")
    #expect(
      problem?.detail == "501 items are named, and one call accepts at most 500; split them over several calls")
  }

  @Test("a name is a key, or a key and an instance, which may have a slash itself")
  func names() {
    #expect(ItemReference(name: "qa") == ItemReference(key: "qa"))
    #expect(ItemReference(name: "segment-email/SMB / EU") == ItemReference(key: "segment-email", instance: "SMB / EU"))
    #expect(ItemReference(name: "segment-email/SMB / EU").name == "segment-email/SMB / EU")
  }
}
