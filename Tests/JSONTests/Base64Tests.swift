import JSON
import Testing

@Suite struct Base64Tests {
  @Test(
    "Bytes and texts match RFC 4648, section 10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func vectors(plain: String, encoded: String) {
    #expect(Base64.encoded(Array(plain.utf8)) == encoded)
    #expect(Base64.decoded(encoded) == Array(plain.utf8))
  }

  @Test("Every byte value survives encoding and decoding")
  func bytes() {
    let bytes = (0...255).map { UInt8($0) }
    #expect(Base64.decoded(Base64.encoded(bytes)) == bytes)
    #expect(Base64.encoded([0xfb, 0xff, 0xbf]) == "+/+/")
  }

  @Test(
    "Other alphabets, missing padding and left-over bits are refused",
    arguments: ["Zg", "Zg=", "Zh==", "-_-_", "Zm9v\n", "====", "Z==="])
  func malformed(text: String) { #expect(Base64.decoded(text) == nil) }
}
