import BusCore
import JSON
import Contract
import LaunchModel
import Testing
import TestSupport

@Suite("The scanner agrees with data from outside")
struct EventScannerOutsideTests {
  @Test(
    "An event of the CloudEvents cases is taken or refused as it should be", .enabled(if: TestData.isAvailable),
    arguments: CloudEventsCase.all)
  func cloudEvents(_ each: CloudEventsCase) {
    let rejection = self.rejection(of: each.event)
    switch each.expect {
    case "accept": #expect(rejection == nil)
    case "reject": #expect(rejection != nil)
    case "accept-as-batch": #expect(rejection?.code == "no-object", "a part is one event, a batch is many parts")
    default:
      // `may`: either way, but another version must not be stored as 1.0.
      if each.name.hasPrefix("specversion") { #expect(rejection?.code == "unsupported-specversion") }
    }
  }

  @Test("All 100 cases were there", .enabled(if: TestData.isAvailable))
  func hasAllCases() { #expect(CloudEventsCase.all.count == 100) }

  @Test(
    "A file of JSONTestSuite as the event's data", .enabled(if: TestData.isAvailable), arguments: JSONTestSuiteFile.all)
  func asData(_ file: JSONTestSuiteFile) {
    let event = Array(#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":"#.utf8) + file.bytes + [0x7d]
    let rejection = self.rejection(of: event)
    switch file.expectation {
    case "y": #expect(rejection == nil)
    case "n": #expect(rejection != nil)
    default: break
    }
    #expect((rejection == nil) == ((try? JSONValue(parsing: event)) != nil), "the two parsers of the project disagree")
  }

  @Test(
    "A file of JSONTestSuite as an event is refused, for not being JSON or for not being an event",
    .enabled(if: TestData.isAvailable), arguments: JSONTestSuiteFile.all)
  func asEvent(_ file: JSONTestSuiteFile) {
    guard let rejection = self.rejection(of: file.bytes) else {
      Issue.record("it was taken")
      return
    }
    let isEventFault = ["no-object", "missing-attribute", "invalid-name", "invalid-attribute"].contains(rejection.code)
    switch file.expectation {
    case "y": #expect(isEventFault)
    case "n":
      // An attribute's name is judged when it is read, which may be before the JSON breaks.
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
