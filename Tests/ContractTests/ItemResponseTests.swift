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

  @Test("a call for one item is answered with the item alone, in the original form")
  func one() throws {
    let detail = try detail()
    let value = try JSONCoding.value(ItemResponse.item(detail))
    #expect(value == (try JSONCoding.value(detail)))
    #expect(value.objectValue?.keys.sorted() == ["history", "item", "launch"])
    #expect(try JSONCoding.decode(ItemResponse.self, from: value) == .item(detail))
  }

  @Test("a call for several is answered with a result for each: the item, or an RFC 9457 problem with its code")
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

  @Test("a name is a key, or a key and an instance, and the instance may contain a slash")
  func names() {
    #expect(ItemReference(name: "qa") == ItemReference(key: "qa"))
    #expect(ItemReference(name: "segment-email/SMB / EU") == ItemReference(key: "segment-email", instance: "SMB / EU"))
    #expect(ItemReference(name: "segment-email/SMB / EU").name == "segment-email/SMB / EU")
  }
}
