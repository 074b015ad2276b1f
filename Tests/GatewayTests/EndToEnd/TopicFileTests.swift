import Foundation
import JSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

@Suite("Topics of a file, without a launch and without services", .timeLimit(.minutes(2)))
struct TopicFileTests {
  private static let slow = [
    "The dashboard takes a minute to load.", "Dashboard loading is very slow.",
    "Why does the dashboard load so slowly?",
    "Loading the dashboard takes forever.", "The dashboard is slow to load today.",
  ]
  private static let refunds = [
    "I want a refund for my last invoice.", "Please refund the last invoice.", "How do I get a refund of an invoice?",
    "We were charged twice, please refund the invoice.", "The refund of my invoice has not arrived.",
  ]

  /// Runs the command on a file in a folder of its own.
  private func run(_ content: String, name: String, _ words: String...) async throws -> GatewayProcess.Outcome {
    try await withTemporaryFolder { folder in
      try Data(content.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
      return try await GatewayProcess(folder: folder).run(words: ["review", "topics", "--file", name] + words)
    }
  }

  /// Expects that the texts at even places have one topic and those at odd places another one.
  private func expectTwoTopics(_ outcome: GatewayProcess.Outcome) throws {
    #expect(outcome.status == 0, "\(outcome.errors)")
    let view = try outcome.json()
    let assignments = try #require(view["assignments"]?.arrayValue).map(\.stringValue)
    let topics = try #require(view["topics"]?.arrayValue)
    #expect(assignments.count == 10)
    let even = Set(assignments.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element))
    let odd = Set(assignments.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element))
    #expect(even.count == 1 && odd.count == 1 && even != odd, "\(assignments)")
    #expect(topics.compactMap { $0["count"]?.integerValue } == [5, 5])
    #expect(topics.compactMap { $0["share"]?.doubleValue } == [0.5, 0.5])
    #expect(Set(topics.map { $0["id"]?.stringValue }) == even.union(odd))
    #expect(topics.allSatisfy { $0["label"]?.stringValue?.isEmpty == false })
    #expect(topics.allSatisfy { $0["examples"]?.arrayValue?.isEmpty == false })
  }

  @Test("The rows of a table get topics, in their order")
  func table() async throws {
    let rows = zip(Self.slow, Self.refunds).flatMap { ["1,\"\($0)\"", "2,\"\($1)\""] }
    try expectTwoTopics(try await run("id,text\n\(rows.joined(separator: "\n"))\n", name: "a.csv", "-o", "json"))
  }

  @Test("The lines of NDJSON get topics, in their order")
  func lines() async throws {
    let rows = zip(Self.slow, Self.refunds).flatMap { slow, refund in
      [#"{"subject":"Question","body":"\#(slow)"}"#, #"{"text":"\#(refund)"}"#]
    }
    try expectTwoTopics(try await run(rows.joined(separator: "\n"), name: "a.ndjson", "-o", "json"))
  }

  @Test("Standard input is read like a file")
  func standardInput() async throws {
    try await withTemporaryFolder { folder in
      let rows = zip(Self.slow, Self.refunds).flatMap { ["\"\($0)\"", "\"\($1)\""] }
      try Data("text\n\(rows.joined(separator: "\n"))\n".utf8).write(to: URL(filePath: "\(folder)/a.csv"))
      let script = "'\(BuiltProducts.executable("gonogo"))' review topics --file - -o json < a.csv"
      let result = try await Subprocess.run(
        .path("/bin/sh"), arguments: ["-c", script], workingDirectory: FilePath(folder),
        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
      try expectTwoTopics(
        GatewayProcess.Outcome(
          status: result.terminationStatus == .exited(0) ? 0 : 1, output: result.standardOutput,
          errors: result.standardError))
    }
  }

  @Test("A row that cannot be read is reported, has no topic, and the status is 65")
  func badRow() async throws {
    let rows = Self.slow.map { #"{"text":"\#($0)"}"# } + ["not json"]
    let outcome = try await run(rows.joined(separator: "\n"), name: "a.ndjson", "-o", "json")
    #expect(outcome.status == ExitStatus.badInput.rawValue)
    #expect(outcome.errors.contains("a.ndjson:6: not JSON"), "\(outcome.errors)")
    #expect(outcome.errors.contains("1 of 6 rows cannot be read"), "\(outcome.errors)")
    let assignments = try #require(try outcome.json()["assignments"]?.arrayValue)
    #expect(assignments.count == 6 && assignments.last == .null)
    #expect(assignments.first?.stringValue != nil)
  }

  @Test("The table for people has the topics, and the number of texts without one")
  func display() async throws {
    let outcome = try await run(
      "text\n" + (Self.slow + ["Is there a dark theme?"]).joined(separator: "\n"), name: "a.csv")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("TOPIC"), "\(outcome.output)")
    #expect(outcome.output.contains("6 texts, 1 of them in no topic"), "\(outcome.output)")
  }

  @Test("A launch and a file exclude each other, and one of the two is required")
  func usage() async throws {
    try await withTemporaryFolder { folder in
      let gonogo = GatewayProcess(folder: folder)
      for words in [["smart-routing", "--file", "a.csv"], [], ["--file", "a.csv", "--attempt", "1"]] {
        let outcome = try await gonogo.run(words: ["review", "topics"] + words)
        #expect(outcome.status == ExitStatus.usage.rawValue, "\(words): \(outcome.errors)")
      }
      let missing = try await gonogo.run("review", "topics", "--file", "nowhere.csv")
      #expect(missing.status == ExitStatus.badInput.rawValue)
      #expect(missing.errors.contains("cannot read nowhere.csv"), "\(missing.errors)")
    }
  }
}
