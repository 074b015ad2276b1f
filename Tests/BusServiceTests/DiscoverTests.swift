import Contract
import JSON
import TestSupport
import Testing

@Suite("rpc.discover of the bus")
struct DiscoverTests {
  @Test("The bus answers with its published document, which has every method that it lists")
  func published() async throws {
    let published = try PublishedContract.document("openrpc/bus.json")
    try await withBus { bus in
      #expect(try await bus.call("rpc.discover").pretty() == published.pretty(), "run deploy/contracts")
      let methods = try await bus.call("service.info")["methods"]?.arrayValue
      #expect(published["methods"]?.arrayValue?.compactMap { $0["name"] } == methods)
    }
  }
}
