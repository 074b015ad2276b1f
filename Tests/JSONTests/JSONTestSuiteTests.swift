import JSON
import TestSupport
import Testing

/// nst/JSONTestSuite, which is stored outside the repository.
@Suite("JSONTestSuite", .enabled(if: TestData.isAvailable, Comment(rawValue: TestData.unavailable)))
struct JSONTestSuiteTests {
  static let files = (try? TestData.files(in: "jsontestsuite/test_parsing")) ?? []

  @Test("All 318 files are present") func allFilesAreThere() { #expect(Self.files.count == 318) }

  @Test("Files named y_ parse, n_ files do not, i_ files may, and parser and scanner agree", arguments: files)
  func parses(_ file: String) throws {
    let bytes = try TestData.bytes("jsontestsuite/test_parsing/\(file)")
    let limits = JSONLimits(depth: 512)
    let value = Result { () throws(JSONError) in try JSONValue(parsing: bytes, limits: limits) }
    let tokens = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(JSONError) in
        var scanner = JSONScanner(buffer, limits: limits)
        try scanner.skipValue()
        try scanner.expectEnd()
      }
    }
    #expect((try? value.get()) != nil ? (try? tokens.get()) != nil : (try? tokens.get()) == nil)
    if file.hasPrefix("y_object_duplicated_key") {
      #expect(throws: JSONError.self) { try value.get() }
    } else if file.hasPrefix("y_") {
      _ = try value.get()
    } else if file.hasPrefix("n_") {
      #expect(throws: JSONError.self) { try value.get() }
    }
  }

  @Test("Written values are read and written unchanged", arguments: files.filter { $0.hasPrefix("y_") })
  func roundTrips(_ file: String) throws {
    guard let value = try? JSONValue(parsing: try TestData.bytes("jsontestsuite/test_parsing/\(file)")) else { return }
    let text = value.serialized()
    #expect(try JSONValue(parsing: text).serialized() == text)
    #expect(try JSONValue(parsing: value.pretty()).serialized() == text)
  }
}
