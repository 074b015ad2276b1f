import ArgumentParser
import Contract
import JSON
import LaunchModel
import Messaging
import Testing

@testable import Gateway

@Suite("Calls of a command")
struct SessionTests {
  private static let read = Route<NoParameters, JSONValue>(.checklist, "test.read", .read)
  private static let readElsewhere = Route<NoParameters, JSONValue>(.metrics, "test.read", .read)
  private static let change = Route<NoParameters, JSONValue>(.checklist, "test.change", .change)

  @Test("A caller who is not on the roster gets only that error, without a warning about the bus")
  func strangers() async throws {
    try await withRecordingServices(
      refusingHead: true, answer: { _ in throw Problem.forbidden("uid:4242 is on no roster") }
    ) { services in
      let failure = await #expect(throws: CallError.self) {
        _ = try await services.session.call(TieringRoutes.list, LaunchFilter())
      }
      #expect(failure.map { GatewayError($0).status } == .forbidden)
      #expect(failure?.busAnswered == true)
      let diagnostics = try services.diagnostics()
      #expect(diagnostics.isEmpty)
    }
  }

  @Test("A command requests the bus's head once, even for concurrent calls")
  func once() async throws {
    try await withRecordingServices { services in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask { _ = try await services.session.call(Self.read, NoParameters()) }
        }
        try await group.waitForAll()
      }
      _ = try await services.session.call(Self.readElsewhere, NoParameters())
      #expect(services.methods.count { $0 == "bus events.head" } == 1)
      #expect(services.calls.filter { $0.service != .bus }.map(\.meta.after) == Array(repeating: 1, count: 9))
    }
  }

  @Test("After the command's own change, a call to another service requests the head again")
  func ownChange() async throws {
    try await withRecordingServices { services in
      _ = try await services.session.call(Self.readElsewhere, NoParameters())
      _ = try await services.session.call(Self.change, NoParameters())
      _ = try await services.session.call(Self.read, NoParameters())
      _ = try await services.session.call(Self.readElsewhere, NoParameters())
      _ = try await services.session.call(Self.read, NoParameters())
      #expect(
        services.methods == [
          "bus events.head", "metrics test.read", "checklist test.change", "checklist test.read", "bus events.head",
          "metrics test.read", "checklist test.read",
        ])
      #expect(services.calls.filter { $0.service != .bus }.map(\.meta.after) == [1, 1, 1, 2, 2])
    }
  }

  @Test("A failed change may have taken effect, so the head is requested again")
  func failedChange() async throws {
    let answer: @Sendable (RecordingServices.Call) throws -> JSONValue = { call in
      guard call.method != Self.change.method else { throw Problem.conflict("no", "no") }
      return [:]
    }
    try await withRecordingServices(answer: answer) { services in
      await #expect(throws: CallError.self) { try await services.session.call(Self.change, NoParameters()) }
      _ = try await services.session.call(Self.readElsewhere, NoParameters())
      #expect(services.methods.count { $0 == "bus events.head" } == 2)
    }
  }

  @Test("A polling session requests the head before each call")
  func polling() async throws {
    try await withRecordingServices { services in
      let session = services.session.polling()
      for _ in 0..<3 { _ = try await session.call(Self.read, NoParameters()) }
      #expect(services.calls.filter { $0.service != .bus }.map(\.meta.after) == [1, 2, 3])
    }
  }

  private static let readLaunch = Route<LaunchReference, JSONValue>(.checklist, "test.read", .read)

  @Test("If only tiering has a launch, it is not announced yet, and the result is unknown instead of not found")
  func notAnnounced() async throws {
    let answer: @Sendable (RecordingServices.Call) throws -> JSONValue = { call in
      guard call.service == .tiering, call.params["launch"] == "sso" else {
        throw Problem.notFound("launch-not-found", "no launch")
      }
      return [:]
    }
    try await withRecordingServices(answer: answer) { services in
      func failure(_ launch: String) async throws -> GatewayError? {
        let error = await #expect(throws: CallError.self) {
          _ = try await services.session.call(Self.readLaunch, LaunchReference(launch: Sample.id(launch)))
        }
        return error.map { GatewayError($0) }
      }
      let unannounced = try await failure("sso")
      #expect(unannounced?.status == .unavailable)
      #expect(unannounced?.messages.first?.contains("checklist does not know the launch sso yet") == true)
      let unknown = try await failure("none")
      #expect(unknown?.status == .badInput)
      #expect(unknown?.messages == ["no launch"])
      #expect(
        services.methods == [
          "bus events.head", "checklist test.read", "tiering launch.show", "checklist test.read", "tiering launch.show",
        ])
    }
  }

  @Test("If the bus answers but does not store the announcement, it is not called unreachable")
  func storedButNotAnnounced() async throws {
    let answer: @Sendable (RecordingServices.Call) throws -> JSONValue = { _ in
      ["announced": false, "warnings": ["the bus does not store the announcement: the log is damaged"]]
    }
    try await withRecordingServices(answer: answer) { services in
      _ = try await services.session.call(Self.change, NoParameters())
      #expect(
        try services.diagnostics() == """
          warning: the bus does not store the announcement: the log is damaged
          warning: the change is stored, but not announced yet; it will be once the bus stores its announcement

          """)
    }
  }

  @Test("Without the bus, a command continues and warns once")
  func withoutBus() async throws {
    let answer: @Sendable (RecordingServices.Call) throws -> JSONValue = { call in
      guard call.service != .metrics else { throw Problem.notFound("launch-not-found", "no launch \"sso\"") }
      return [:]
    }
    try await withRecordingServices([.checklist, .metrics], answer: answer) { services in
      for _ in 0..<3 { _ = try await services.session.call(Self.read, NoParameters()) }
      let failure = await #expect(throws: CallError.self) {
        _ = try await services.session.call(Self.readElsewhere, NoParameters())
      }
      #expect(failure.map { GatewayError($0).status } == .unavailable)
      #expect(services.calls.map(\.meta.after) == [nil, nil, nil, nil])
      #expect(try services.diagnostics() == "warning: bus unreachable; results may be stale\n")
    }
  }

  @Test("Without the bus's head, the gate counts as unknown rather than open, and nothing else is asked")
  func gateWithoutBus() async throws {
    let open: @Sendable (RecordingServices.Call) throws -> JSONValue = { _ in
      [
        "open": true, "launch": "smart-routing", "decision": "go", "inForce": true, "provisional": false,
        "stale": false, "reasons": [],
      ]
    }
    @Sendable func gate(_ services: RecordingServices) async throws {
      let gate = try #require(try Gonogo.parseAsRoot(["gate", "smart-routing"]) as? Gate)
      try await gate.run(in: services.session)
    }
    try await withRecordingServices([.checklist], answer: open) { services in
      let failure = await #expect(throws: GatewayError.self) { try await gate(services) }
      #expect(failure?.status == .unavailable)
      #expect(failure?.messages.first?.hasPrefix("unknown whether smart-routing may ship: the bus") == true)
      #expect(services.methods == [])
      let (output, diagnostics) = (try services.output(), try services.diagnostics())
      #expect(output.isEmpty && diagnostics.isEmpty)
    }
    try await withRecordingServices(answer: open) { services in
      try await gate(services)
      #expect(services.calls.last?.meta.after == 1)
    }
  }
}
