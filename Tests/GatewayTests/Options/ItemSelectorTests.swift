import LaunchModel
import Testing

@testable import Gateway

@Suite("Naming items")
struct ItemSelectorTests {
  private let items = [Sample.item("qa"), Sample.item("kb-article", "en"), Sample.item("kb-article", "de")]
  private let launch = Sample.launch

  private func resolve(_ names: [String], all: Bool = false) throws(GatewayError) -> [String] {
    try ItemSelector.resolve(
      names.compactMap(ItemSelector.init(argument:)), among: items, of: launch, takesAllInstances: all
    ).map(\.description)
  }

  @Test("A key names its item, an instance its own, each once")
  func named() throws {
    #expect(try resolve(["qa", "kb-article/de", "qa"]) == ["qa", "kb-article/de"])
  }

  @Test("A key that was expanded names its instances when that is said")
  func instances() throws {
    #expect(try resolve(["kb-article", "kb-article/de"], all: true) == ["kb-article/en", "kb-article/de"])
    #expect(
      throws: GatewayError(
        .badInput,
        "kb-article has several instances: name one of kb-article/en, kb-article/de, or give --all-instances")
    ) { try resolve(["kb-article"]) }
  }

  @Test("Everything that names nothing is said at once, with what may be meant")
  func unknown() {
    #expect(
      throws: GatewayError(
        .badInput,
        [
          "smart-routing has no item kb-articel (did you mean \"kb-article\"?)",
          "smart-routing has no item kb-article/fr; there is kb-article/en, kb-article/de",
          "smart-routing has no item frobnicate; see gonogo item list",
          "nothing was changed: name items that are there",
        ])
    ) { try resolve(["kb-articel/de", "kb-article/fr", "frobnicate", "qa"]) }
  }
}
