public import Testing

/// One file of `jsontestsuite`.
public struct JSONTestSuiteFile: Sendable, CustomTestStringConvertible {
  /// The file's name. Its first letter is the suite's expectation: `y` accept, `n` reject, `i` either.
  public var name: String
  /// The file's content, which need not be UTF-8.
  public var bytes: [UInt8]

  public var testDescription: String { name }

  /// The expectation of our parser: `y` accept, `n` reject, `i` either. Unlike in the suite, duplicate keys must be
  /// rejected.
  public var expectation: Character { name.hasPrefix("y_object_duplicated_key") ? "n" : name.first ?? "i" }

  /// All files; empty if the test data are unavailable.
  public static let all: [JSONTestSuiteFile] = {
    let names = (try? TestData.files(in: "jsontestsuite/test_parsing")) ?? []
    return names.compactMap { name in
      (try? TestData.bytes("jsontestsuite/test_parsing/\(name)")).map { JSONTestSuiteFile(name: name, bytes: $0) }
    }
  }()
}
