import BusCore
import JSON
import Contract
import LaunchModel
import Testing
import TestSupport

@Suite("The scanner agrees with external test data")
struct EventScannerOutsideTests {
  @Test(
    "CloudEvents cases are accepted or rejected as expected", .enabled(if: TestData.isAvailable),
    arguments: CloudEventsCase.all)
  func cloudEvents(_ each: CloudEventsCase) {
    let rejection = self.rejection(of: each.event)
    switch each.expect {
    case "accept": #expect(rejection == nil)
    case "reject": #expect(rejection != nil)
    case "accept-as-batch": #expect(rejection?.code == "no-object", "a part is a single event, a batch has many parts")
    default:
      // `may` allows either outcome, but no other version may be stored as 1.0.
      if each.name.hasPrefix("specversion") { #expect(rejection?.code == "unsupported-specversion") }
    }
  }

  @Test("All 100 cases are present", .enabled(if: TestData.isAvailable))
  func hasAllCases() { #expect(CloudEventsCase.all.count == 100) }

  @Test(
    "Event data from JSONTestSuite is accepted or rejected as expected", .enabled(if: TestData.isAvailable),
    arguments: JSONTestSuiteFile.all)
  func asData(_ file: JSONTestSuiteFile) {
    let event = Array(#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":"#.utf8) + file.bytes + [0x7d]
    let rejection = self.rejection(of: event)
    switch file.expectation {
    case "y": #expect(rejection == nil)
    case "n": #expect(rejection != nil)
    default: break
    }
    #expect((rejection == nil) == ((try? JSONValue(parsing: event)) != nil), "the project's two parsers disagree")
  }

  @Test(
    "No JSONTestSuite file is accepted as an event: it is either not JSON or not an event",
    .enabled(if: TestData.isAvailable), arguments: JSONTestSuiteFile.all)
  func asEvent(_ file: JSONTestSuiteFile) {
    guard let rejection = self.rejection(of: file.bytes) else {
      Issue.record("the event was accepted")
      return
    }
    let isEventFault = ["no-object", "missing-attribute", "invalid-name", "invalid-attribute"].contains(rejection.code)
    switch file.expectation {
    case "y": #expect(isEventFault)
    case "n":
      // An attribute's name is validated as soon as it is read, possibly before the syntax error.
      #expect(!isEventFault || rejection.code.hasPrefix("invalid-"))
    default: break
    }
  }

  private func rejection(of event: [UInt8]) -> EventRejection? {
    var scanner = EventScanner(maximumBytes: 1 << 20)
    do throws(EventRejection) {
      _ = try scanner.scan(event)
      return nil
    } catch {
      return error
    }
  }
}
