public import Testing

/// One file of `jsontestsuite`.
public struct JSONTestSuiteFile: Sendable, CustomTestStringConvertible {
  /// The file's name; its first letter says what the suite expects: `y` accept, `n` reject, `i` either.
  public var name: String
  /// What it holds, which need not be UTF-8.
  public var bytes: [UInt8]

  public var testDescription: String { name }

  /// What is expected: `y` must parse, `n` must not, `i` may either way. Duplicate keys are refused here.
  public var expectation: Character { name.hasPrefix("y_object_duplicated_key") ? "n" : name.first ?? "i" }

  /// All of them; none where the data are not there.
  public static let all: [JSONTestSuiteFile] = {
    let names = (try? TestData.files(in: "jsontestsuite/test_parsing")) ?? []
    return names.compactMap { name in
      (try? TestData.bytes("jsontestsuite/test_parsing/\(name)")).map { JSONTestSuiteFile(name: name, bytes: $0) }
    }
  }()
}
