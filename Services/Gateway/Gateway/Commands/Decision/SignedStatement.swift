import Contract
import Digests
import Documents
import JSON
import LaunchModel

/// A file with a signed statement, before and after verification of its signature.
struct SignedStatement: Sendable {
  /// An envelope as others may write it: in DSSE, `keyid` is an optional hint.
  private struct Envelope: Decodable {
    struct Signature: Decodable {
      var keyid: String?
      var sig: String

      /// The key that it names; an empty id names none.
      var hint: String? { keyid.flatMap { $0.isEmpty ? nil : $0 } }
    }

    var payloadType: String
    var payload: String
    var signatures: [Signature]
  }

  private let name: String
  private let envelope: Envelope
  private let payload: [UInt8]

  /// Reads an envelope, which may start with a byte order mark; the statement in it is not read before it is verified.
  ///
  /// - Throws: `GatewayError` of kind bad input if the bytes are not a DSSE envelope with an in-toto statement.
  init(reading bytes: [UInt8], file name: String) throws(GatewayError) {
    self.name = name
    do {
      // The reader refuses a member that is named twice, of which others may read the other one.
      let isMarked = bytes.starts(with: SourceDocument.byteOrderMark)
      let text = isMarked ? Array(bytes.dropFirst(SourceDocument.byteOrderMark.count)) : bytes
      envelope = try JSONCoding.decode(Envelope.self, from: text)
    } catch {
      throw GatewayError(
        .badInput,
        "\(name) is not a DSSE envelope: \(Self.fault(error)); pass a file that gonogo decide --export wrote")
    }
    guard envelope.payloadType == SignedEnvelope.statementType else {
      throw GatewayError(
        .badInput,
        "\(name): /payloadType is \"\(envelope.payloadType)\"; a statement has \"\(SignedEnvelope.statementType)\"")
    }
    guard let payload = Base64.decoded(envelope.payload) else {
      throw GatewayError(.badInput, "\(name): /payload is not base64 (RFC 4648, section 4)")
    }
    self.payload = payload
  }

  private static func fault(_ error: any Error) -> String {
    guard let error = error as? JSONError else { return "\(error)" }
    return "\(error.pointer) \(error.detail)".trimmingPrefix(" ").description
  }

  /// Verifies the signature, then reads the statement.
  ///
  /// - Throws: `GatewayError` of kind bad input if the signature is valid but the statement is of another kind.
  func verified(with keys: [VerificationKey]) throws(GatewayError) -> StatementVerification {
    let digest = SHA256Digest.hex(of: payload)
    guard !envelope.signatures.isEmpty else {
      return StatementVerification(verified: false, reason: "it has no signature", digest: digest)
    }
    let candidates = envelope.signatures.flatMap { signature in
      // A signature that names no key may be by any of them.
      keys.filter { signature.hint == nil || $0.id == signature.hint }.map { (key: $0, signature: signature) }
    }
    guard !candidates.isEmpty else {
      let ids = envelope.signatures.compactMap(\.hint).joined(separator: ", ")
      return StatementVerification(
        verified: false, reason: "it names the key \(ids), which is not among the keys given", digest: digest)
    }
    let match = candidates.first { candidate in
      guard let signature = Base64.decoded(candidate.signature.sig) else { return false }
      return candidate.key.verifies(signature, of: payload, type: envelope.payloadType)
    }
    guard let match else {
      return StatementVerification(
        verified: false, reason: "the signature does not match: the statement was changed, or another key signed it",
        digest: digest)
    }
    return StatementVerification(verified: true, keyid: match.key.id, digest: digest, statement: try statement())
  }

  /// The statement in the payload.
  private func statement() throws(GatewayError) -> JSONValue {
    do {
      let value = try JSONValue(parsing: payload)
      switch value["predicateType"]?.stringValue {
      case DecisionPredicate.type: _ = try JSONCoding.decode(Statement<DecisionPredicate>.self, from: value)
      case VerdictsPredicate.type: _ = try JSONCoding.decode(Statement<VerdictsPredicate>.self, from: value)
      case let other:
        throw GatewayError(
          .badInput,
          "\(name) is signed, but is another kind of statement: predicate type \"\(other ?? "")\"; expected "
            + "\"\(DecisionPredicate.type)\" or \"\(VerdictsPredicate.type)\"")
      }
      guard value["_type"]?.stringValue == StatementSubject.statementType else {
        throw GatewayError(.badInput, "\(name) is signed, but is not an in-toto statement v1: see its _type")
      }
      return value
    } catch let error as GatewayError {
      throw error
    } catch {
      throw GatewayError(.badInput, "\(name) is signed, but its statement cannot be read: \(Self.fault(error))")
    }
  }
}

/// Whether an installation signed a statement.
struct StatementVerification: Codable, Sendable, Hashable {
  /// Whether a key verifies the signature.
  var verified: Bool
  /// The key that verifies the signature, as the SHA-256 of its DER, for example `9f86d081884c7d65…`; nil if none does.
  var keyid: String?
  /// Why it is not verified; nil if it is.
  var reason: String?
  /// The SHA-256 of the payload, by which later statements cite it.
  var digest: String
  /// The statement; nil if it is not verified.
  var statement: JSONValue?
  /// The further files, which must cite this statement; nil if there are none.
  var verdicts: [VerdictsVerification]?
}

/// Whether a further signed statement states verdicts on what the first one is about.
struct VerdictsVerification: Codable, Sendable, Hashable {
  /// The file, for example `verdicts.json`.
  var file: String
  /// Whether a key verifies the signature, and it cites the first file's statement by its digest.
  var verified: Bool
  /// The key that verifies the signature, as the SHA-256 of its DER, for example `9f86d081884c7d65…`; nil if none does.
  var keyid: String?
  /// Why it is not verified; nil if it is.
  var reason: String?
  /// The SHA-256 of the payload.
  var digest: String
  /// The statement; nil if its signature is not verified.
  var statement: JSONValue?

  /// - Parameters:
  ///   - verification: that of the file's signature.
  ///   - first: the statement that it must cite.
  init(
    _ verification: StatementVerification, in file: String, citing first: StatementVerification, in firstFile: String
  ) {
    self.file = file
    keyid = verification.keyid
    digest = verification.digest
    statement = verification.statement
    let cited = verification.statement?["predicate"]?["statement"]?.stringValue
    if !verification.verified {
      reason = verification.reason
    } else if statement?["predicateType"]?.stringValue != VerdictsPredicate.type {
      reason = "it states no verdicts; pass a file that gonogo decide --export FILE --verdicts wrote"
    } else if cited != first.digest {
      reason =
        "it cites the statement with the digest \(cited ?? "-"), and that of \(firstFile) is \(first.digest); pass the file "
        + "that was exported before it"
    }
    verified = reason == nil
  }
}

extension StatementVerification: Displayable {
  func display(on page: inout Page) {
    defer { for verdicts in verdicts ?? [] { verdicts.display(on: &page) } }
    guard verified else {
      page.paragraph(Text("not verified: \(reason ?? "")", .bad))
      return
    }
    page.paragraph(Text("verified: signed by the key \(keyid ?? "")", .good))
    statement?.displayStatement(digest: digest, on: &page)
    page.paragraph(
      Text("A file is not a gate: only gonogo gate knows what has changed since it was signed.", .warning))
  }
}

extension VerdictsVerification: Displayable {
  func display(on page: inout Page) {
    guard verified else {
      page.paragraph(Text("\(file) is not verified: \(reason ?? "")", .bad))
      return
    }
    page.paragraph(Text("\(file) is verified, and cites the statement: signed by the key \(keyid ?? "")", .good))
    statement?.displayStatement(digest: digest, on: &page)
  }
}

extension SignedEnvelope: Displayable {
  func display(on page: inout Page) {
    // The service wrote the payload; `gonogo verify` reports what is wrong with it.
    guard let payload = Base64.decoded(payload), let value = try? JSONValue(parsing: payload) else { return }
    value.displayStatement(digest: SHA256Digest.hex(of: payload), on: &page)
    page.fields(["Key": Text(signatures.map(\.keyid).joined(separator: ", "))])
  }
}

extension JSONValue {
  /// Adds the content of a statement of either kind; adds nothing for other values.
  fileprivate func displayStatement(digest: String, on page: inout Page) {
    // A statement of one kind does not decode as the other.
    let go = try? JSONCoding.decode(Statement<DecisionPredicate>.self, from: self)
    go?.display(digest: digest, on: &page)
    // The same applies to verdicts.
    let verdicts = try? JSONCoding.decode(Statement<VerdictsPredicate>.self, from: self)
    verdicts?.display(digest: digest, on: &page)
  }
}

extension Statement {
  fileprivate var subjectText: Text {
    Text(
      subject.flatMap { subject in
        subject.digest.sorted { $0.key < $1.key }.map { "\(subject.name) \($0.key):\($0.value)" }
      }.joined(separator: ", "))
  }
}

extension Statement<DecisionPredicate> {
  fileprivate func display(digest: String, on page: inout Page) {
    let (go, decision) = (predicate, predicate.decision)
    page.heading(Text("GO for \(go.name) (\(go.launch)), tier \(go.tier.rawValue), \(go.date) (\(go.timeZone))"))
    page.fields([
      "Subject": subjectText,
      "Decision": Text(
        decision.kind.label.string + (decision.override ? ", against the recommendation" : ""), decision.kind.label.tone
      ),
      "By": Text("\(decision.by), \(decision.at.short)"),
      "Confirmed": decision.confirmedAt.map { Text("\($0.short) by \(decision.confirmedBy ?? "-")") },
      "Reason": decision.reason.map { Text($0) },
      "Opens": Text(go.validity.opensAt.map(\.short) ?? "once confirmed on the launch date"),
      "Closes": Text(go.validity.closesAt.map(\.short) ?? "not bound to a date"),
      "Votes": go.votes.isEmpty
        ? nil : Text(go.votes.map { "\($0.function.title) \($0.answer.rawValue)" }.joined(separator: ", ")),
      "Items": Text("\(go.items.count { $0.state == .done }) of \(go.items.count) blocking ones done"),
      "Metrics": Text(go.metricSeal ?? "not sealed"),
      "Signed": Text("\(go.issuedAt.short), when the GO was \(go.validity.state)"),
      "Digest": Text(digest),
    ])
  }
}

extension Statement<VerdictsPredicate> {
  fileprivate func display(digest: String, on page: inout Page) {
    let verdicts = predicate
    page.heading(Text("Verdicts on \(verdicts.name) (\(verdicts.launch)), attempt \(verdicts.attempt)"))
    page.fields([
      "Subject": subjectText,
      "Cites": Text("the statement about the GO with the digest \(verdicts.statement)"),
      "Exposed": Text(verdicts.exposedAt.short),
      "Metrics": verdicts.plan.map { Text($0 + (verdicts.beforeAmendment == nil ? "" : ", amended")) },
      "Signed": Text(verdicts.issuedAt.short),
      "Digest": Text(digest),
    ])
    var table = Table(columns: [.left("metric"), .left("verdict"), .right("value"), .flexible("expected")])
    table.rows = verdicts.metrics.map { metric in
      [
        Text(metric.key), Text(metric.verdict.rawValue), Text(metric.value?.exact ?? ""),
        Text(metric.expectation ?? ""),
      ]
    }
    page.table(table)
  }
}
