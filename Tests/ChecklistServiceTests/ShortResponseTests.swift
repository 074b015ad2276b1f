import Contract
import JSON
import LaunchModel
import Testing

@testable import ChecklistService

@Suite("Responses to item changes in short form")
struct ShortResponseTests {
  private func detail(_ instance: String? = nil) throws -> ItemDetail {
    let item = ItemView(
      key: "kb-article", instance: instance, section: "Support", function: .support, title: "Article", state: .done,
      gate: .blocking, due: try #require(LocalDate("2027-03-01")), overdue: false,
      evidence: [Evidence(kind: .text, value: "written")], why: "a test needs it", version: 4)
    let entry = HistoryEntry(at: Timestamp(microseconds: 0), by: "erin", action: "comment", detail: "seen")
    return ItemDetail(launch: try #require(LaunchID("sso")), item: item, history: [entry])
  }

  private func results() throws -> ItemResponse {
    let problem = Problem.conflict(
      "already-done", String(repeating: "x", count: 300), extra: ["state": "done"])
    return .results(
      ItemResults(
        launch: try #require(LaunchID("sso")),
        results: [ItemResult(try detail("de")), ItemResult(ItemReference(key: "qa"), error: problem)]))
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
}
