import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("A GO limited to one artifact") struct ArtifactTests {
  private static let first = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
  private static let second = "sha512:" + String(repeating: "0123456789abcdef", count: 8)

  @Test("A digest is an algorithm and the number of hex digits that its hash has, in either case")
  func form() throws {
    #expect(try ArtifactDigest.normalized(Self.first) == Self.first)
    #expect(try ArtifactDigest.normalized(Self.second) == Self.second)
    #expect(try ArtifactDigest.normalized(Self.first.uppercased()) == Self.first)
    #expect(try ArtifactDigest.normalized(nil) == nil)
  }

  @Test(
    "Any other text is refused as a digest",
    arguments: [
      "", "sha256", "sha256:", "sha256:abc", "\(first)0", "\(first.dropLast())", "\(first.dropLast())g",
      "sha1:356a192b7913b04c54574d18c28d46e6395428ab", "md5:c4ca4238a0b923820dcc509a6f75849b",
      "\(first.dropFirst(7))", "sha512:\(first.dropFirst(7))", " \(first)",
    ])
  func refused(text: String) {
    #expect(refusal { _ = try ArtifactDigest.normalized(text) } == "unfit-artifact")
  }

  /// The gate of a launch whose GO is in force.
  private static func gate(for artifact: String?, _ kind: DecisionKind = .go) throws -> GateView {
    let checklist = DecisionTests.ready()
    let moment = try Fixture.noon("2027-03-02")
    let request = DecisionRequest(
      launch: checklist.launch, decision: kind, reason: "ready", override: true, artifact: artifact)
    let snapshot = try checklist.decide(request, by: Fixture.actor("dana"), at: moment, isExposed: false)
    let decision = Decision(of: snapshot, sequence: 1, madeOn: moment.today, digest: "x")
    let view = DecisionHistory([decision]).view(of: checklist, at: moment, exposure: Exposure([]))
    #expect(view.artifact == artifact)
    return GateView(of: view, reasonsAgainstGo: [])
  }

  @Test("The gate is open for the GO's artifact, and closed for another one or if none is named")
  func bound() throws {
    let gate = try Self.gate(for: Self.first)
    #expect(gate.asked(about: Self.first).open)
    let other = gate.asked(about: Self.second)
    #expect(!other.open && other.reasons.map(\.code) == ["other-artifact"])
    #expect(other.reasons.first?.detail == "the GO is for \(Self.first), not for \(Self.second)")
    let missing = gate.asked(about: nil)
    #expect(!missing.open && missing.reasons.map(\.code) == ["artifact-missing"])
  }

  @Test("A GO without an artifact is valid for any artifact")
  func unbound() throws {
    #expect(try Self.gate(for: nil).asked(about: Self.first).open)
    #expect(try Self.gate(for: nil).asked(about: nil).open)
  }

  @Test("Only a GO can be limited to an artifact", arguments: [DecisionKind.noGo, .hold])
  func others(kind: DecisionKind) {
    #expect(refusal { _ = try Self.gate(for: Self.first, kind) } == "unfit-artifact")
  }
}
