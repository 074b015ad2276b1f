import Foundation
import JSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

@Suite("Signed statements end to end", .serialized)
struct StatementTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Outside/verify_go.py").standardized.path

  private static let canVerifyOutside = PythonOracle.succeeds(
    """
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey
    """)

  /// Runs the body with a GO in `go.json` and the keys in `keys.txt`, after everything was stopped.
  private static func withStatement(_ body: (GatewayProcess) async throws -> Void) async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-03-02T14:00:00Z@1")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      let early = try await gonogo.run("decide", "smart-routing", "--export", "go.json")
      #expect(early.status == ExitStatus.conflict.rawValue, "there is no GO yet")
      #expect(!FileManager.default.fileExists(atPath: "\(gonogo.folder)/go.json"))
      try await gonogo.succeed(
        "decide", "smart-routing", "go", "--override", "--reason", "the risk is accepted")
      let exported = try await gonogo.succeed("decide", "smart-routing", "--export", "go.json", "-o", "json").json()
      #expect(exported["payloadType"] == "application/vnd.in-toto+json")
      let again = try await gonogo.run("decide", "smart-routing", "--export", "go.json")
      #expect(again.status == ExitStatus.conflict.rawValue && again.errors.contains("--force"), "\(again.errors)")
      let printed = try await gonogo.succeed("decide", "smart-routing", "--export", "-").output
      let written = try String(contentsOfFile: "\(gonogo.folder)/go.json", encoding: .utf8)
      #expect(printed == written, "the same statement, byte for byte")
      let verdicts = try await gonogo.run("decide", "smart-routing", "--export", "v.json", "--verdicts")
      #expect(verdicts.status != 0 && !FileManager.default.fileExists(atPath: "\(gonogo.folder)/v.json"))
      let keys = try await gonogo.succeed("keys", "show").output
      try keys.write(toFile: "\(gonogo.folder)/keys.txt", atomically: true, encoding: .utf8)
      try await gonogo.succeed("down")
      try await body(gonogo)
    }
  }

  @Test("A GO is verified offline, but not after it was changed", .timeLimit(.minutes(5)))
  func offline() async throws {
    try await Self.withStatement { gonogo in
      let verified = try await gonogo.succeed("verify", "go.json", "--key", "keys.txt").output
      #expect(verified.contains("GO for Smart routing (smart-routing)"), "\(verified)")
      #expect(verified.contains("A file is not a gate"))
      let text = try String(contentsOfFile: "\(gonogo.folder)/go.json", encoding: .utf8)
      let envelope = try JSONValue(parsing: text)
      let payload = try #require(envelope["payload"]?.stringValue.flatMap(Base64.decoded))
      let changed = String(decoding: payload, as: UTF8.self).replacing("the risk is accepted", with: "all is well")
      var members = try #require(envelope.objectValue)
      members["payload"] = .string(Base64.encoded(Array(changed.utf8)))
      try Data(JSONValue.object(members).serialized()).write(to: URL(filePath: "\(gonogo.folder)/changed.json"))
      let refused = try await gonogo.run("verify", "changed.json", "--key", "keys.txt")
      #expect(refused.status == ExitStatus.no.rawValue)
      #expect(refused.output.contains("not verified: the signature does not match"), "\(refused.output)")
      let unreachable = try await gonogo.run("verify", "go.json", "--timeout", "1")
      #expect(unreachable.status == ExitStatus.unavailable.rawValue)
    }
  }

  @Test(
    "The reference implementation of DSSE verifies a GO, and refuses another key",
    .enabled(if: canVerifyOutside, "needs python3 with securesystemslib and cryptography; deploy/test installs them"),
    .timeLimit(.minutes(5)))
  func outside() async throws {
    try await Self.withStatement { gonogo in
      let text = try String(contentsOfFile: "\(gonogo.folder)/keys.txt", encoding: .utf8)
      let start = try #require(text.firstRange(of: "-----BEGIN PUBLIC KEY-----"))
      let pem = String(text[start.lowerBound...])
      try pem.write(toFile: "\(gonogo.folder)/key.pem", atomically: true, encoding: .utf8)
      let result = try await Subprocess.run(
        .name("python3"), arguments: [Self.script, "\(gonogo.folder)/go.json", "\(gonogo.folder)/key.pem"],
        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
      #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
      let statement = try JSONValue(parsing: result.standardOutput)
      #expect(statement["predicate"]?["decision"]?["reason"] == "the risk is accepted")
      #expect(statement["predicateType"] == "urn:gonogo:decision:v1")
      let other = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
        -----END PUBLIC KEY-----
        """
      try other.write(toFile: "\(gonogo.folder)/key.pem", atomically: true, encoding: .utf8)
      let refused = try await Subprocess.run(
        .name("python3"), arguments: [Self.script, "\(gonogo.folder)/go.json", "\(gonogo.folder)/key.pem"],
        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
      #expect(refused.terminationStatus == .exited(1))
    }
  }
}
