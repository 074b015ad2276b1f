import LaunchModel
import Testing

@testable import BusCore

@Suite("Attribute values")
struct AttributeRulesTests {
  private func holds(_ rule: (UnsafeRawBufferPointer) -> Bool, _ text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes(rule)
  }

  /// The accepted ones are from RFC 3986, sections 1.1.2 and 5.4.
  @Test(
    "URI references follow RFC 3986",
    arguments: [
      ("ftp://ftp.is.co.za/rfc/rfc1808.txt", true), ("http://www.ietf.org/rfc/rfc2396.txt", true),
      ("ldap://[2001:db8::7]/c=GB?objectClass?one", true), ("mailto:John.Doe@example.com", true),
      ("news:comp.infosystems.www.servers.unix", true), ("tel:+1-816-555-1212", true),
      ("telnet://192.0.2.16:80/", true), ("urn:oasis:names:specification:docbook:dtd:xml:4.1.2", true),
      ("g:h", true), ("g", true), ("./g", true), ("/g", true), ("//g", true), ("?y", true), ("g?y#s", true),
      (";x", true), ("..", true), ("../../g", true), ("#s", true), ("a/b:c", true), ("//helpdesk/", true),
      ("http://[v1.fe:d]/", true), ("http://a:b@h:80/", true), ("http://h:/", true), ("%41", true),
      ("1:a", false), (":a", false), ("a b", false), ("%4", false), ("%g1", false), ("http://[::1", false),
      ("http://[1::2::3]/", false), ("http://h:8a/", false), ("a[b]", false), ("#a#b", false), ("ü", false),
      ("http://a@b@c/", false), ("<a>", false), ("a\\b", false), ("", false),
    ])
  func uriReferences(text: String, isOne: Bool) { #expect(holds(AttributeRules.isURIReference, text) == isOne) }

  @Test(
    "A schema is named by a URI with a scheme",
    arguments: [
      ("https://example.com/s.json#/a", true), ("urn:x:y", true), ("relative.json", false), ("//h/p", false),
      ("1a:b", false), ("http://bad host/", false),
    ])
  func uris(text: String, isOne: Bool) { #expect(holds(AttributeRules.isURI, text) == isOne) }

  /// Example addresses from RFC 4291, section 2.2, and addresses that it rules out.
  @Test(
    "IPv6 addresses follow RFC 4291",
    arguments: [
      ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", true), ("2001:DB8::8:800:200C:417A", true), ("FF01::101", true),
      ("::1", true), ("::", true), ("0:0:0:0:0:0:13.1.68.3", true), ("::FFFF:129.144.52.38", true), ("1::", true),
      ("1:2:3:4:5:6:7", false), ("1:2:3:4:5:6:7:8:9", false), ("1::2::3", false), ("12345::", false), (":1", false),
      ("1:", false), ("::256.1.1.1", false), ("::1.2.3", false), (":::", false), ("g::", false), ("", false),
      ("1:2:3:4:5:6:7::", true), ("::2:3:4:5:6:7:8", true), ("1:2:3:4:5:6:1.2.3.4", true), ("1::2:1.2.3.4", true),
      ("0001::", true), ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", true), ("::0.0.0.0", true),
      ("1:2:3:4::5:6:7:8", false), ("::1:2:3:4:5:6:7:8", false), ("1:2:3:4:5:6:7:1.2.3.4", false),
      ("1::2:3:4:5:6:7:1.2.3.4", false), ("::1.2.3.4:5", false), ("1.2.3.4::", false), ("1.2.3.4", false),
      ("::01.2.3.4", false), ("::1.2.3.4.5", false), ("::1.2.3.", false), ("::.1.2.3", false), ("00001::", false),
      ("fe80::1%eth0", false), ("fe80::1%25eth0", false), (" ::1", false), ("::1 ", false), ("::1\0", false),
      ("::1\0::", false), ("::1/64", false), ("[::1]", false), ("1:2:3:4:5:6:7:8:", false), (":", false), ("x", false),
      ("::+1", false), ("::0x1", false), ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550", false),
    ])
  func addresses(text: String, isOne: Bool) {
    #expect(holds({ IPv6Address.isValid($0[...]) }, text) == isOne)
  }

  @Test(
    "Media types follow RFC 2045",
    arguments: [
      ("application/json", true), ("text/plain; charset=utf-8", true), ("TEXT/Plain;CharSet=\"a b\\\"c\"", true),
      ("application/vnd.apache.thrift.binary", true), ("application/cloudevents+json ; a=b;c=d", true),
      ("json", false), ("application/", false), ("/json", false), ("a/b;", false), ("a/b;c", false),
      ("a/b; c=\"d", false), ("a b/c", false), ("a/b/c", false), ("", false),
    ])
  func mediaTypes(text: String, isOne: Bool) { #expect(holds(AttributeRules.isMediaType, text) == isOne) }

  @Test(
    "Times follow RFC 3339, as parsed by the shared model",
    arguments: [
      // The RFC's own examples, section 5.8.
      "1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00",
      "1937-01-01T12:00:27.87+00:20",
      "2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2018-04-05t17:31:00z", "2018-04-05 17:31:00Z",
      "2018-04-05T24:00:00Z", "2018-04-05T17:60:00Z", "2018-04-05T17:31:61Z", "2018-04-05T17:31:00.Z",
      "2018-04-05T17:31:00", "2018-04-05T17:31:00+2:00", "2018-04-05T17:31:00+24:00", "2018-04-05T17:31:00+02:60",
      "2018-04-05T17:31:00Zx", "18-04-05T17:31:00Z", "2018-00-05T17:31:00Z", "2018-04-31T17:31:00Z", "",
    ])
  func timestamps(text: String) {
    #expect(holds(AttributeRules.isTimestamp, text) == (Timestamp(text) != nil))
  }

  /// The first cases are the test vectors of RFC 4648, section 10.
  @Test(
    "Base64 follows RFC 4648 and requires padding",
    arguments: [
      ("", true), ("Zg==", true), ("Zm8=", true), ("Zm9v", true), ("Zm9vYg==", true), ("Zm9vYmE=", true),
      ("Zm9vYmFy", true), ("Zg=", false), ("Zg", false), ("Z===", false), ("=Zg=", false), ("Zm9-", false),
      ("Zm9v\n", false), ("====", false),
    ])
  func base64(text: String, isOne: Bool) { #expect(holds(AttributeRules.isBase64, text) == isOne) }

  @Test(
    "Text contains neither control characters nor noncharacters",
    arguments: [
      (0x61, true), (0xfc, true), (0x1f680, true), (0xfffd, true), (0x7f, false), (0x85, false), (0xfdd0, false),
      (0xffff, false), (0x1fffe, false), (0x10ffff, false), (0x0a, false),
    ] as [(UInt32, Bool)])
  func text(scalar: UInt32, isAllowed: Bool) throws {
    let text = "a\(try #require(Unicode.Scalar(scalar)))"
    #expect(holds({ AttributeRules.isText($0, ascii: false) }, text) == isAllowed)
  }
}
