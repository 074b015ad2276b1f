import ChecklistService
import Documents
import JSON
import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite struct DocumentServiceTests {
  private let item: JSONValue = [
    "key": "dpa", "title": "Data processing agreement checked", "section": "Product readiness",
    "function": "product", "tiers": [0, 1, 2], "due": "10 business days before", "why": "smart-routing taught it",
  ]

  @Test("The first start adopts the built-in template as version 1, once")
  func builtIn() async throws {
    try await StorageEngine.standard.withFolder { folder in
      for _ in 1...2 {
        try await withServiceHarness(ChecklistService.self, in: folder) { harness in
          let list = try await harness.call(ChecklistRoutes.listTemplates, NoParameters())
          #expect(list.versions.map(\.version) == [1])
          let template = try await harness.call(ChecklistRoutes.showTemplate, VersionReference())
          let builtIn = try BuiltIn.checklistTemplate()
          #expect(template == builtIn)
        }
      }
    }
  }

  @Test("A learning becomes a proposal and then a template version that does not affect running launches")
  func learning() async throws {
    try await Stage.with { stage in
      let change = try TemplateChange(reading: ["baseVersion": 1, "add": [item]])
      try await stage.harness.receive(
        Announcements.learningProposed, from: .review, launch: Stage.launch.rawValue, by: "petra",
        LearningProposed(
          learning: "l1", target: "template", text: "Check the DPA", launches: [Stage.launch], change: change))
      let list = try await stage.harness.call(ChecklistRoutes.listTemplates, NoParameters(), as: "erin")
      #expect(list.proposals.map(\.id) == ["l1"])
      let refused = await problem {
        _ = try await stage.harness.call(ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: "l1"), as: "erin")
      }
      #expect(refused?.kind == .forbidden)
      let adopted = try await stage.harness.call(
        ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: "l1"), as: "dana")
      #expect(adopted.templateVersion == 2)
      #expect(adopted.learning == "l1")
      let announced = try await stage.harness.announced(Announcements.templateAdopted)
      #expect(announced.map(\.templateVersion) == [1, 2])
      let running = try await stage.harness.call(
        ChecklistRoutes.items, LaunchReference(launch: Stage.launch), as: "erin")
      #expect(!running.items.contains { $0.key == "dpa" })
      let again = await problem {
        _ = try await stage.harness.call(ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: "l1"), as: "dana")
      }
      #expect(again?.code == "already-adopted")
    }
  }

  @Test("An invalid proposal is refused with its errors, and nothing is stored")
  func refusedProposal() async throws {
    try await Stage.with { stage in
      var broken = item.objectValue ?? [:]
      broken["dependencies"] = ["nothing"]
      let proposal = TemplateProposal(change: ["baseVersion": 1, "add": [.object(broken)]])
      let refused = await problem {
        _ = try await stage.harness.call(ChecklistRoutes.proposeTemplate, proposal, as: "erin")
      }
      #expect(refused?.kind == .invalid)
      #expect(refused?.errors.map(\.pointer) == ["/add/0/dependencies/0"], "at the position in the proposal")
      let list = try await stage.harness.call(ChecklistRoutes.listTemplates, NoParameters(), as: "erin")
      #expect(list.proposals.isEmpty)
    }
  }

  @Test("Errors in a proposal point into the proposal")
  func places() async throws {
    try await Stage.with { stage in
      func pointers(_ change: JSONValue) async -> [String]? {
        await problem {
          _ = try await stage.harness.call(
            ChecklistRoutes.proposeTemplate, TemplateProposal(change: change), as: "erin")
        }?.errors.map(\.pointer)
      }
      var late = item.objectValue ?? [:]
      late["due"] = "3 days after"
      #expect(await pointers(["baseVersion": 1, "add": [item, .object(late)]]) == ["/add/1/key"])
      late["key"] = "qa"
      #expect(await pointers(["baseVersion": 1, "replace": [.object(late)]]) == ["/replace/0/due", "/replace/0/gate"])
      var unheard = item.objectValue ?? [:]
      unheard["completedBy"] = ["type": "com.example.done"]
      #expect(await pointers(["baseVersion": 1, "add": [.object(unheard)]]) == ["/add/0/completedBy/type"])
      var waiting = item.objectValue ?? [:]
      waiting["dependencies"] = ["qa"]
      waiting["due"] = "1 business days before"
      let proposal = TemplateProposal(change: ["baseVersion": 1, "add": [.object(waiting)]])
      let view = try await stage.harness.call(ChecklistRoutes.proposeTemplate, proposal, as: "erin")
      try await stage.harness.call(ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: view.id), as: "dana")
      #expect(await pointers(["baseVersion": 2, "remove": ["battle-card", "qa"]]) == ["/remove/1"])
    }
  }

  @Test("Anyone may adopt the first roster; later ones require Product Ops")
  func roster() async throws {
    try await withServiceHarness(ChecklistService.self) { harness in
      let before = try await harness.call(ChecklistRoutes.showRoster, NoParameters())
      #expect(before.rosterVersion == 0 && before.document.isEmpty)
      let document = AdoptRoster(document: try JSONCoding.value(Stage.roster))
      let adopted = try await harness.call(ChecklistRoutes.adoptRoster, document)
      #expect(adopted.rosterVersion == 1)
      #expect(adopted.warnings?.contains { $0.contains("you cannot adopt the next roster") } == true)
      try await harness.settle()
      let refused = await problem { _ = try await harness.call(ChecklistRoutes.adoptRoster, document, as: "erin") }
      #expect(refused?.kind == .forbidden)
      let again = try await harness.call(ChecklistRoutes.adoptRoster, document, as: "dana")
      let warnings = again.warnings ?? []
      #expect(!warnings.contains { $0.contains("cannot adopt") }, "dana remains Product Ops")
      #expect(warnings.contains { $0.hasPrefix("only lena can approve for legal, which launch-copy needs") })
      let shown = try await harness.call(ChecklistRoutes.showRoster, NoParameters(), as: "erin")
      #expect(shown.document == Stage.roster)
      #expect(try await harness.announced(Announcements.rosterAdopted).count == 1)
    }
  }
}
