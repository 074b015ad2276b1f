import ChecklistCore
import LaunchModel
import Testing

@Suite struct TemplateMergeTests {
  private let base = Fixture.template(Fixture.item("a"), Fixture.item("b"), Fixture.item("c"))

  @Test("A change adds, replaces and removes items by key, and preserves their order")
  func merge() throws {
    let change = TemplateChange(
      baseVersion: 1, add: [Fixture.item("d")], replace: [Fixture.item("b", due: -9)], remove: ["a"])
    let next = try base.merging(change, from: base)
    #expect(next.version == 2)
    #expect(next.items == [Fixture.item("b", due: -9), Fixture.item("c"), Fixture.item("d")])
  }

  @Test("Unrelated changes made in the meantime are preserved")
  func unrelated() throws {
    let current = try base.merging(
      TemplateChange(baseVersion: 1, replace: [Fixture.item("c", due: -7)]), from: base)
    let next = try current.merging(TemplateChange(baseVersion: 1, remove: ["a"]), from: base)
    #expect(next.version == 3)
    #expect(next.items == [Fixture.item("b"), Fixture.item("c", due: -7)])
  }

  @Test("Changes to the same item conflict")
  func conflicts() throws {
    let current = try base.merging(
      TemplateChange(
        baseVersion: 1, add: [Fixture.item("d", due: -1)], replace: [Fixture.item("b", due: -7)], remove: ["c"]),
      from: base)
    let changes = [
      TemplateChange(baseVersion: 1, replace: [Fixture.item("b", due: -8)]),
      TemplateChange(baseVersion: 1, remove: ["b"]), TemplateChange(baseVersion: 1, replace: [Fixture.item("c")]),
      TemplateChange(baseVersion: 1, add: [Fixture.item("d")]),
    ]
    for change in changes {
      #expect(refusal { _ = try current.merging(change, from: base) } == "template-conflict")
    }
  }

  @Test("A change with an unknown key is refused with the nearest known one")
  func unknownKeys() throws {
    let change = TemplateChange(
      baseVersion: 1, replace: [Fixture.item("a"), Fixture.item("load-tset")], remove: ["b", "x"])
    let template = Fixture.template(Fixture.item("a"), Fixture.item("b"), Fixture.item("load-test"))
    let problem = #expect(throws: Problem.self) { try template.merging(change, from: template) }
    #expect(problem?.kind == .invalid)
    #expect(problem?.errors.map(\.pointer) == ["/replace/1/key", "/remove/1"])
    #expect(problem?.errors.first?.detail.contains(#"did you mean "load-test"?"#) == true)
  }

  @Test("A change that adds an existing key is refused")
  func takenKey() throws {
    let change = TemplateChange(baseVersion: 1, add: [Fixture.item("d"), Fixture.item("b", due: -9)])
    let problem = #expect(throws: Problem.self) { try base.merging(change, from: base) }
    #expect(problem?.kind == .invalid)
    #expect(problem?.errors.map(\.pointer) == ["/add/1/key"])
    #expect(problem?.errors.first?.detail.hasPrefix("template version 1 already has an item \"b\"") == true)
  }

  @Test("A change that is already applied is refused")
  func nothing() throws {
    let change = TemplateChange(baseVersion: 1, remove: ["a"])
    let next = try base.merging(change, from: base)
    #expect(refusal { _ = try next.merging(change, from: base) } == "nothing-changes")
  }
}
