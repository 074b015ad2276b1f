import Foundation
import JSON
import Testing
import TestSupport

/// One event of `../shared/data/cloudevents/cases.json`, with what is expected of it.
struct CloudEventsCase: Sendable, CustomTestStringConvertible {
  var name: String
  var expect: String
  var why: String
  var event: [UInt8]

  var testDescription: String { "\(name): \(expect) (\(why))" }

  static let all: [CloudEventsCase] = {
    guard let bytes = try? TestData.bytes("cloudevents/cases.json"), let cases = try? JSONValue(parsing: bytes) else {
      return []
    }
    return (cases.arrayValue ?? []).map { each in
      CloudEventsCase(
        name: each["name"]?.stringValue ?? "", expect: each["expect"]?.stringValue ?? "",
        why: each["why"]?.stringValue ?? "", event: Array((each["event"]?.stringValue ?? "").utf8))
    }
  }()
}

/// One file of `../shared/data/jsontestsuite`.
struct JSONTestSuiteFile: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]

  var testDescription: String { name }

  /// What is expected: `y` must parse, `n` must not, `i` may either way. Duplicate keys are refused here.
  var expectation: Character { name.hasPrefix("y_object_duplicated_key") ? "n" : name.first ?? "i" }

  static let all: [JSONTestSuiteFile] = {
    let names = (try? TestData.files(in: "jsontestsuite/test_parsing")) ?? []
    return names.compactMap { name in
      (try? TestData.bytes("jsontestsuite/test_parsing/\(name)")).map { JSONTestSuiteFile(name: name, bytes: $0) }
    }
  }()
}
