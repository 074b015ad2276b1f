import Foundation
import Testing

@testable import ZeroMQ

@Suite("Key files") struct KeyFolderTests {
  @Test("Z85 follows ZeroMQ RFC 32, and a secret key belongs to its public key")
  func keys() throws {
    // The RFC's own example.
    #expect(Z85.decode("HelloWorld") == [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B])
    #expect(Z85.encode([0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]) == "HelloWorld")
    // The pairs of libzmq's manual, zmq_curve(7).
    let pair = try CurveKeyPair(
      publicKey: try CurveKey("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"),
      secret: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs")
    #expect(throws: ZeroMQError.self) {
      _ = try CurveKeyPair(publicKey: try CurveKeyPair.generate().publicKey, secret: pair.secret)
    }
    #expect(!"\(pair)".contains(pair.secret))
  }

  @Test(
    "Invalid keys are refused",
    arguments: ["", "short", String(repeating: "\"", count: 40), "ü" + String(repeating: "a", count: 38)])
  func malformed(_ text: String) { #expect(throws: ZeroMQError.self) { _ = try CurveKey(text) } }

  @Test("A created folder is read back and never overwritten")
  func make() async throws {
    try await withFolder { folder in
      let made = try KeyFolder.create(folder + "/keys")
      let read = try KeyFolder(folder + "/keys")
      #expect(read.own.publicKey == made.own.publicKey)
      #expect(read.own.secret == made.own.secret)
      #expect(read.servers == [made.own.publicKey])
      #expect(mode(folder + "/keys") == 0o700)
      #expect(mode(folder + "/keys/own.key_secret") == 0o400)
      #expect(try String(contentsOfFile: folder + "/keys/own.key", encoding: .utf8) == "\(made.own.publicKey)\n")
      #expect { _ = try KeyFolder.create(folder + "/keys") } throws: { "\($0)".contains("move it away") }
      #expect(try KeyFolder(folder + "/keys").own.secret == made.own.secret)
    }
  }

  @Test("A secret key readable by others is refused with the fix", arguments: [0o440, 0o404, 0o600 | 0o040])
  func openSecret(_ mode: mode_t) async throws {
    try await withFolder { folder in
      _ = try KeyFolder.create(folder + "/keys")
      chmod(folder + "/keys/own.key_secret", mode)
      #expect { _ = try KeyFolder(folder + "/keys") } throws: { "\($0)".contains("chmod 0400") }
    }
  }

  @Test("A list has one key per line, with comments; an invalid line is named")
  func lists() async throws {
    try await withFolder { folder in
      let keys = folder + "/keys"
      let own = try KeyFolder.create(keys).own.publicKey
      let others = try (0..<2).map { _ in try CurveKeyPair.generate().publicKey }
      try "# ours\n\n\(others[0])  # host a\n\(others[1])\n".write(
        toFile: keys + "/servers", atomically: true, encoding: .utf8)
      let folderRead = try KeyFolder(keys)
      #expect(folderRead.servers == others)
      let endpoints = [try Endpoint("tcp://h:1"), try Endpoint("/a.sock")]
      #expect(folderRead.expanded(endpoints).map(\.serverKey) == [others[0], others[1], nil])
      try "\(own)\nnonsense\n".write(toFile: keys + "/clients", atomically: true, encoding: .utf8)
      #expect { _ = try KeyFolder(keys) } throws: { "\($0)".contains("/clients:2: ") }
    }
  }

  @Test("A changed list of clients is reloaded, unless it is invalid")
  func admission() async throws {
    try await withFolder { folder in
      let keys = try KeyFolder.create(folder + "/keys")
      let admission = ClientAdmission(folder: keys, logger: silentLogger)
      let (listed, known) = (try CurveKeyPair.generate().publicKey, try CurveKeyPair.generate().publicKey)
      #expect(admission.admits(keys.own.publicKey))
      #expect(!admission.admits(listed))
      try "\(listed)\n".write(toFile: keys.clientsFile, atomically: true, encoding: .utf8)
      #expect(admission.admits(listed))
      try "damaged\n".write(toFile: keys.clientsFile, atomically: true, encoding: .utf8)
      #expect(admission.admits(listed))
      try FileManager.default.removeItem(atPath: keys.clientsFile)
      #expect(!admission.admits(listed))
      admission.admit { $0 == known }
      #expect(admission.admits(known))
      #expect(!admission.admits(listed))
    }
  }

  private func mode(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]) as? Int
  }
}
