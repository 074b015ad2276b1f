import Digests
import Testing

@Suite("Signatures of DSSE envelopes") struct SigningTests {
  /// The example of the DSSE v1 protocol.
  private static let type = "http://example.com/HelloWorld"
  private static let payload = Array("hello world".utf8)

  /// The secret key of the first test vector of RFC 8032, section 7.1.
  private static let secret: [UInt8] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
  ]
  /// Its public key, d75a9801…, as Python's cryptography writes it, and the SHA-256 of the DER.
  private static let pem = """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    -----END PUBLIC KEY-----
    """
  private static let id = "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9"
  /// What Python's cryptography signs of the example with that key.
  private static let signature: [UInt8] = [
    0xe0, 0x31, 0xd7, 0xdd, 0x99, 0xf8, 0xaa, 0x90, 0x4a, 0xbc, 0x48, 0xfb, 0x99, 0xa1, 0x3c, 0x3b,
    0xdb, 0xbd, 0x6e, 0x35, 0xc4, 0x9c, 0xf2, 0xcb, 0x9f, 0x25, 0xd5, 0x50, 0x9d, 0x8f, 0x5c, 0x94,
    0x7c, 0x0d, 0x22, 0xdc, 0x2f, 0x74, 0x03, 0xa4, 0x5b, 0xdf, 0x24, 0xe8, 0xf7, 0xa4, 0x1f, 0xd2,
    0x3c, 0x7b, 0x25, 0xe8, 0x98, 0x38, 0x6e, 0x8c, 0x6c, 0x31, 0xbe, 0x8a, 0xbe, 0xe6, 0x00, 0x07,
  ]

  @Test("The pre-authentication encoding equals the protocol's example")
  func encoding() {
    let encoded = DSSE.preAuthenticationEncoding(of: Self.payload, type: Self.type)
    #expect(String(decoding: encoded, as: UTF8.self) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
  }

  @Test("Lengths count bytes, and payloads may contain any bytes")
  func lengths() {
    #expect(
      DSSE.preAuthenticationEncoding(of: [0xff, 0x20, 0x00], type: "é")
        == Array("DSSEv1 2 é 3 ".utf8) + [0xff, 0x20, 0x00])
    #expect(DSSE.preAuthenticationEncoding(of: [], type: "") == Array("DSSEv1 0  0 ".utf8))
  }

  @Test("A stored key has RFC 8032's public key, with the same encoding and digest as in other implementations")
  func publicKey() throws {
    let key = try #require(SigningKey(Self.secret))
    #expect(key.secret == Self.secret)
    #expect(key.verificationKey.pem == Self.pem)
    #expect(key.verificationKey.id == Self.id)
    #expect(SigningKey(Self.secret + [0]) == nil)
  }

  @Test("Another implementation's signature verifies, unless a byte, the payload, its type or the key differs")
  func verification() throws {
    let key = try #require(VerificationKey.all(in: Self.pem).first)
    #expect(key.verifies(Self.signature, of: Self.payload, type: Self.type))
    for index in [0, 31, 32, 63] {
      var changed = Self.signature
      changed[index] ^= 1
      #expect(!key.verifies(changed, of: Self.payload, type: Self.type))
    }
    #expect(!key.verifies(Self.signature, of: Self.payload + [0x20], type: Self.type))
    #expect(!key.verifies(Self.signature, of: Self.payload, type: Self.type + "/2"))
    #expect(!key.verifies([], of: Self.payload, type: Self.type))
    #expect(!SigningKey().verificationKey.verifies(Self.signature, of: Self.payload, type: Self.type))
  }

  @Test("A new key's signatures verify with its public key")
  func roundTrip() throws {
    let key = SigningKey()
    let signature = try key.sign(Self.payload, type: Self.type)
    let known = try #require(VerificationKey.all(in: key.verificationKey.pem).first)
    #expect(known.id == key.verificationKey.id)
    #expect(known.verifies(signature, of: Self.payload, type: Self.type))
  }

  @Test("A text yields its Ed25519 keys in order; keys of other kinds and broken blocks are skipped")
  func texts() {
    let elliptic = """
      -----BEGIN PUBLIC KEY-----
      MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQJoPhQIKHLha2OnKA3heqQ8Qf31N
      3wLnuS8lTftTbHMDjmN0W7slErdcXv6Pi7gzQ2EuzNvejCgllMd4tkxc+w==
      -----END PUBLIC KEY-----
      """
    let other = SigningKey().verificationKey
    let text = "Signing key\n\(other.pem)\n\(elliptic)\n-----BEGIN PUBLIC KEY-----\nMCow\n\(Self.pem)"
    #expect(VerificationKey.all(in: text).map(\.id) == [other.id, Self.id])
    #expect(VerificationKey.all(in: "").isEmpty)
  }
}
