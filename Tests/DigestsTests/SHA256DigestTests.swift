import Digests
import JSON
import Testing

@Suite("SHA-256 in hex") struct SHA256DigestTests {
  /// The messages and digests are NIST's examples for FIPS 180-4.
  private static let examples = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]

  @Test("Digests equal those in the standard", arguments: examples)
  func standard(message: String, digest: String) {
    #expect(SHA256Digest.hex(of: message.utf8) == digest)
  }

  @Test("Bytes hashed in pieces have the digest of the whole, and intermediate digests can be requested")
  func pieces() {
    var hash = SHA256Hash()
    for byte in "abc".utf8 {
      _ = hash.hex()
      hash.update([byte])
    }
    #expect(hash.hex() == SHA256Digest.hex(of: "abc".utf8))
  }

  @Test("A document's digest is that of its canonical JSON")
  func documents() throws {
    let document: JSONValue = ["b": 1.0, "a": ["x"]]
    #expect(SHA256Digest.hex(ofCanonical: document) == SHA256Digest.hex(of: #"{"a":["x"],"b":1}"#.utf8))
    #expect(try JSONValue(parsing: #"{"b":1,"a":["x"]}"#.utf8).canonical() == document.canonical())
  }
}
