import ChecklistService
import Contract
import JSON
import LaunchModel
import MetricsService
import ReviewService
import ServiceKit
import TestSupport
import Testing
import TieringService

@Suite("rpc.discover")
struct DiscoverTests {
  @Test("Tiering answers with its published document")
  func tiering() async throws { try await compare(TieringService.self) }

  @Test("Checklist answers with its published document")
  func checklist() async throws { try await compare(ChecklistService.self) }

  @Test("Metrics answers with its published document")
  func metrics() async throws { try await compare(MetricsService.self) }

  @Test("Review answers with its published document")
  func review() async throws { try await compare(ReviewService.self) }

  private func compare<Service: DomainService>(_ service: Service.Type) async throws {
    let published = try PublishedContract.document("openrpc/\(Service.name.rawValue).json")
    try await withServiceHarness(service) { harness in
      let answer = try await harness.call(ServiceRoutes.discover(Service.name), NoParameters())
      #expect(answer.pretty() == published.pretty(), "run deploy/contracts")
      let info = try await harness.call(ServiceRoutes.info(Service.name), NoParameters())
      #expect(published["methods"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == info.methods)
    }
  }
}
