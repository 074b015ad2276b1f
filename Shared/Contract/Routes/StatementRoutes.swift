public import LaunchModel

extension ChecklistRoutes {
  /// Signs a statement about the current GO or, after day 30, about the verdicts, for people who verify it without
  /// gonogo.
  public static let exportDecision = Route<ExportDecision, SignedEnvelope>(.checklist, "decision.export", .change)
  /// The public keys that verify the installation's signed statements.
  public static let signingKeys = Route<NoParameters, SigningKeyList>(.checklist, "key.list", .read)
  /// Replaces the signing key; statements signed with earlier keys remain verifiable. Product Ops only, with a reason.
  public static let rotateSigningKey = Route<RotateSigningKey, SigningKeyList>(.checklist, "key.rotate", .change)
}

/// Selects the statement to sign.
public struct ExportDecision: Codable, Sendable, Hashable {
  /// The launch, for example `smart-routing`.
  public var launch: LaunchID
  /// Whether to sign a statement about the verdicts, possible after day 30, instead of the GO; default false.
  public var verdicts: Bool?

  public init(launch: LaunchID, verdicts: Bool? = nil) {
    self.launch = launch
    self.verdicts = verdicts
  }
}

/// A signed statement: a DSSE envelope (v1) whose payload is an in-toto statement (v1).
public struct SignedEnvelope: Codable, Sendable, Hashable {
  /// A signature over the payload and its type.
  public struct Signature: Codable, Sendable, Hashable {
    /// The SHA-256 of the public key in DER (SubjectPublicKeyInfo), lower-case hex, for example `9f86d081884c7d65…`.
    public var keyid: String
    /// The Ed25519 signature of the pre-authentication encoding, in base64, for example
    /// `A3hqOzRJRRgxTbodg08g0hjaL0bWm8QhJU1hPQ==`.
    public var sig: String

    public init(keyid: String, sig: String) {
      self.keyid = keyid
      self.sig = sig
    }
  }

  /// The payload's media type, for example `application/vnd.in-toto+json`.
  public var payloadType: String
  /// The statement in canonical JSON (RFC 8785), in base64, for example
  /// `eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEifQ==`.
  public var payload: String
  /// The installation's signature.
  public var signatures: [Signature]

  /// The payload type of every statement.
  public static let statementType = "application/vnd.in-toto+json"

  public init(payloadType: String, payload: String, signatures: [Signature]) {
    self.payloadType = payloadType
    self.payload = payload
    self.signatures = signatures
  }
}

/// The keys with which an installation signs its statements.
public struct SigningKeyList: Codable, Sendable, Hashable {
  /// A public key.
  public struct Key: Codable, Sendable, Hashable {
    /// The SHA-256 of the key in DER (SubjectPublicKeyInfo), lower-case hex, which identifies it in signatures, for
    /// example `9f86d081884c7d65…`.
    public var keyid: String
    /// The Ed25519 key in PEM, for example `-----BEGIN PUBLIC KEY-----…`.
    public var publicKey: String
    /// When it was created.
    public var madeAt: Timestamp
    /// Who created it, for example `dana`: the checklist service at its first start, or the person who rotated the key.
    public var madeBy: String
    /// When another key replaced it; nil for the current signing key.
    public var retiredAt: Timestamp?

    public init(keyid: String, publicKey: String, madeAt: Timestamp, madeBy: String, retiredAt: Timestamp? = nil) {
      self.keyid = keyid
      self.publicKey = publicKey
      self.madeAt = madeAt
      self.madeBy = madeBy
      self.retiredAt = retiredAt
    }
  }

  /// The current signing key, then the retired ones, latest first.
  public var keys: [Key]

  public init(keys: [Key]) { self.keys = keys }
}

/// A request to replace the signing key.
public struct RotateSigningKey: Codable, Sendable, Hashable {
  /// Why, for the audit trail; required.
  public var reason: String?

  public init(reason: String? = nil) { self.reason = reason }
}
