import ArgumentParser
import Contract
import Digests
import Foundation
import JSON
import LaunchModel
import TestSupport
import Testing

@testable import Gateway

@Suite("gonogo verify")
struct VerifyCommandTests {
  private static let key = SigningKey()

  private static let statement = Statement(
    about: StatementSubject(of: Sample.launch, artifact: nil, decision: "d1"), predicateType: DecisionPredicate.type,
    DecisionPredicate(
      launch: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"), timeZone: "UTC",
      artifact: nil,
      decision: DecisionPredicate.Decided(
        sequence: 1, kind: .go, digest: "d1", at: Sample.time("2027-03-02T09:00:00Z"), by: "dana", reason: nil,
        override: false, recommendation: .go, reasons: [], confirmedAt: nil, confirmedBy: nil),
      votes: [], items: [], metricSeal: nil, chains: [:],
      validity: DecisionPredicate.Validity(
        state: "in-force", opensAt: Sample.time("2027-03-02T09:00:00Z"), closesAt: Sample.time("2027-03-03T00:00:00Z")),
      issuedAt: Sample.time("2027-03-02T10:00:00Z")))

  /// An envelope with the payload, signed by the key.
  private static func envelope(
    of payload: [UInt8], by key: SigningKey = key, type: String = SignedEnvelope.statementType
  ) throws -> SignedEnvelope {
    let signature = try key.sign(payload, type: type)
    return SignedEnvelope(
      payloadType: type, payload: Base64.encoded(payload),
      signatures: [SignedEnvelope.Signature(keyid: key.verificationKey.id, sig: Base64.encoded(signature))])
  }

  /// A statement about verdicts that cites a statement by its digest.
  private static func verdicts(citing digest: String, by key: SigningKey = key) throws -> SignedEnvelope {
    let exposure = ExposureAttempt(attempt: 1, startedAt: Sample.time("2027-03-02T10:00:00Z"))
    let view = MetricsView(
      launch: Sample.launch, sealed: true, digest: "m1", asOf: Sample.time("2027-04-02T10:00:00Z"), offset: 7,
      metrics: [])
    let statement = Statement(
      about: StatementSubject(of: Sample.launch, artifact: nil, decision: "d1"), predicateType: VerdictsPredicate.type,
      VerdictsPredicate(
        launch: Sample.launch, name: "Smart routing", decision: "d1", statement: digest, exposure: exposure,
        verdicts: view, chains: [:], issuedAt: Sample.time("2027-04-02T10:00:00Z")))
    return try envelope(of: try JSONCoding.value(statement).canonical(), by: key)
  }

  private static func payload() throws -> [UInt8] { try JSONCoding.value(statement).canonical() }

  private static func good() throws -> SignedEnvelope { try envelope(of: try payload()) }

  /// Verifies a file with a key in another one, without any service.
  ///
  /// - Returns: what is printed, and the error.
  private static func verify(
    _ content: [UInt8], verdicts: SignedEnvelope? = nil, key: String = key.verificationKey.pem
  ) async throws -> (output: JSONValue?, error: GatewayError?) {
    try await withTemporaryFolder { folder in
      try Data(content).write(to: URL(filePath: "\(folder)/go.json"))
      if let verdicts {
        try Data(try JSONCoding.encode(verdicts)).write(to: URL(filePath: "\(folder)/verdicts.json"))
      }
      try Data(key.utf8).write(to: URL(filePath: "\(folder)/key"))
      return try await withRecordingServices([], format: .json) { services in
        var failure: GatewayError?
        do {
          let files = ["\(folder)/go.json"] + (verdicts == nil ? [] : ["\(folder)/verdicts.json"])
          let words = ["verify"] + files + ["--key", "\(folder)/key"]
          let command = try #require(try Gonogo.parseAsRoot(words) as? any GatewayCommand)
          try await command.run(in: services.session)
        } catch let error as GatewayError {
          failure = error
        }
        let output = try services.output()
        return (output.isEmpty ? JSONValue?.none : try JSONValue(parsing: Array(output.utf8)), failure)
      }
    }
  }

  private static func verify(_ envelope: SignedEnvelope) async throws -> (output: JSONValue?, error: GatewayError?) {
    try await verify(try JSONCoding.encode(envelope))
  }

  @Test("A statement is verified offline, and shown as it was signed")
  func good() async throws {
    let (output, error) = try await Self.verify(try Self.good())
    #expect(error == nil)
    #expect(output?["verified"] == true)
    #expect(output?["keyid"]?.stringValue == Self.key.verificationKey.id)
    let payload = try Self.payload()
    #expect(output?["statement"]?.canonical() == payload)
    let digest = SHA256Digest.hex(of: payload)
    #expect(output?["digest"]?.stringValue == digest)
  }

  @Test("Verdicts are verified with the statement that they cite, and not with another one")
  func citation() async throws {
    let go = try JSONCoding.encode(try Self.good())
    let digest = SHA256Digest.hex(of: try Self.payload())
    let cited = try await Self.verify(go, verdicts: try Self.verdicts(citing: digest))
    #expect(cited.error == nil)
    #expect(cited.output?["verified"] == true)
    let verdicts = cited.output?["verdicts"]?.arrayValue?.first
    #expect(verdicts?["verified"] == true && verdicts?["reason"] == nil)
    #expect(verdicts?["statement"]?["predicateType"]?.stringValue == VerdictsPredicate.type)
    let other = String(repeating: "0", count: 64)
    let refused: [(SignedEnvelope, String)] = [
      (try Self.verdicts(citing: other), "cites the statement with the digest \(other)"),
      (try Self.verdicts(citing: digest, by: SigningKey()), "which is not among the keys given"),
      (try Self.good(), "states no verdicts"),
    ]
    for (envelope, reason) in refused {
      let (output, error) = try await Self.verify(go, verdicts: envelope)
      #expect(error?.status == .no)
      #expect(output?["verified"] == true, "the first file stands for itself")
      let verdicts = output?["verdicts"]?.arrayValue?.first
      #expect(verdicts?["verified"] == false)
      #expect(verdicts?["reason"]?.stringValue?.contains(reason) == true)
    }
    let (output, error) = try await Self.verify(go)
    #expect(error == nil && output?["verdicts"] == nil)
  }

  @Test("The key may be in the text, JSON or YAML that keys show prints")
  func keyFiles() async throws {
    let key = Self.key.verificationKey
    let list = SigningKeyList(
      keys: [
        SigningKeyList.Key(
          keyid: key.id, publicKey: key.pem, madeAt: Sample.time("2027-01-01T00:00:00Z"), madeBy: "dana")
      ])
    var page = Page()
    list.display(on: &page)
    let json = String(decoding: try JSONCoding.encode(list), as: UTF8.self)
    for text in [page.text(), json, try YAMLText.of(try JSONCoding.value(list))] {
      let (output, _) = try await Self.verify(try JSONCoding.encode(try Self.good()), key: text)
      #expect(output?["verified"] == true, "\(text)")
    }
    let (_, error) = try await Self.verify(try JSONCoding.encode(try Self.good()), key: "no key")
    #expect(error?.status == .badInput)
  }

  /// `keyid` is optional in DSSE (envelope.md of secure-systems-lab/dsse).
  @Test("A signature that names no key may be by any key that is given", arguments: [nil, JSONValue.string("")])
  func withoutKeyID(_ hint: JSONValue?) async throws {
    func envelope(signedBy key: SigningKey) throws -> [UInt8] {
      let signed = try Self.envelope(of: try Self.payload(), by: key)
      var signature: [String: JSONValue] = ["sig": .string(signed.signatures[0].sig)]
      signature["keyid"] = hint
      let members: [String: JSONValue] = [
        "payloadType": .string(signed.payloadType), "payload": .string(signed.payload),
        "signatures": .array([.object(signature)]),
      ]
      return JSONValue.object(members).serialized()
    }
    let keys = SigningKey().verificationKey.pem + "\n" + Self.key.verificationKey.pem
    let (output, error) = try await Self.verify(try envelope(signedBy: Self.key), key: keys)
    #expect(error == nil)
    #expect(output?["keyid"]?.stringValue == Self.key.verificationKey.id)
    let (other, refusal) = try await Self.verify(try envelope(signedBy: SigningKey()), key: keys)
    #expect(refusal?.status == .no)
    #expect(other?["verified"] == false)
  }

  @Test("A byte order mark before the envelope is skipped")
  func byteOrderMark() async throws {
    let (output, error) = try await Self.verify([0xef, 0xbb, 0xbf] + (try JSONCoding.encode(try Self.good())))
    #expect(error == nil)
    #expect(output?["verified"] == true)
  }

  @Test("A changed payload, signature or key id, or another key, is not verified, and its statement is not shown")
  func tampered() async throws {
    let payload = try Self.payload()
    let changed = String(decoding: payload, as: UTF8.self).replacing("dana", with: "mary")
    var envelopes = try [Self.good(), Self.good(), Self.good(), Self.good()]
    envelopes[0].payload = Base64.encoded(Array(changed.utf8))
    var signature = try #require(Base64.decoded(envelopes[1].signatures[0].sig))
    signature[40] ^= 1
    envelopes[1].signatures[0].sig = Base64.encoded(signature)
    envelopes[2].signatures[0].keyid = String(repeating: "0", count: 64)
    envelopes[3].signatures = []
    envelopes.append(try Self.envelope(of: payload, by: SigningKey()))
    for envelope in envelopes {
      let (output, error) = try await Self.verify(envelope)
      #expect(error?.status == .no)
      #expect(output?["verified"] == false && output?["statement"] == nil)
      #expect(output?["reason"]?.stringValue?.isEmpty == false)
    }
  }

  @Test("A signature by the installation's key does not make another document a statement")
  func otherTypes() async throws {
    let other = Array(#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"urn:other","subject":[]}"#.utf8)
    let (_, predicate) = try await Self.verify(try Self.envelope(of: other))
    #expect(predicate?.status == .badInput)
    #expect(predicate?.messages.first?.contains(#"predicate type "urn:other""#) == true)
    let (_, type) = try await Self.verify(try Self.envelope(of: try Self.payload(), type: "application/json"))
    #expect(type?.status == .badInput)
    // Signed as another type, and presented as a statement.
    var relabelled = try Self.envelope(of: try Self.payload(), type: "application/json")
    relabelled.payloadType = SignedEnvelope.statementType
    let (_, renamed) = try await Self.verify(relabelled)
    #expect(renamed?.status == .no)
    let start = String(String(decoding: try Self.payload(), as: UTF8.self).dropLast())
    let repeated = start + #","predicateType":"urn:other"}"#
    let (_, twice) = try await Self.verify(try Self.envelope(of: Array(repeated.utf8)))
    #expect(twice?.status == .badInput, "a member that is named twice is read differently by different readers")
  }

  @Test(
    "A file that is not an envelope, or that has a duplicate member, is bad input",
    arguments: ["", "[]", "{}", #"{"payload":"","payload":"","payloadType":"","signatures":[]}"#])
  func malformed(text: String) async throws {
    let (output, error) = try await Self.verify(Array(text.utf8))
    #expect(output?.canonical() == nil)
    #expect(error?.status == .badInput)
    #expect(error?.messages.first?.contains("is not a DSSE envelope") == true)
  }

  @Test("Without --key the installation is asked, and if it does not answer, the message names the option")
  func installation() async throws {
    let key = Self.key.verificationKey
    let list = SigningKeyList(
      keys: [
        SigningKeyList.Key(
          keyid: key.id, publicKey: key.pem, madeAt: Sample.time("2027-01-01T00:00:00Z"), madeBy: "dana")
      ])
    try await withTemporaryFolder { folder in
      let path = "\(folder)/go.json"
      try Data(try JSONCoding.encode(try Self.good())).write(to: URL(filePath: path))
      @Sendable func verify(in session: Session) async throws {
        let command = try #require(try Gonogo.parseAsRoot(["verify", path]) as? any GatewayCommand)
        try await command.run(in: session)
      }
      try await withRecordingServices(answer: { _ in try JSONCoding.value(list) }) { services in
        try await verify(in: services.session)
        let text = try services.output()
        #expect(text.hasPrefix("verified: signed by the key \(key.id)"))
        #expect(text.contains("A file is not a gate"))
      }
      try await withRecordingServices([]) { services in
        let failure = await #expect(throws: GatewayError.self) { try await verify(in: services.session) }
        #expect(failure?.status == .unavailable)
        #expect(failure?.messages.first?.contains("--key FILE") == true)
      }
    }
  }
}
