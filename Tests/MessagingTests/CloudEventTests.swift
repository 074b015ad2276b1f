import Contract
import JSON
import LaunchModel
import Testing

@testable import Messaging

@Suite struct CloudEventTests {
  // The example of the CloudEvents 1.0.2 JSON format, section 3.
  private let example = #"""
    {
      "specversion" : "1.0", "type" : "com.example.someevent", "source" : "/mycontext", "subject": null,
      "id" : "C234-1234-1234", "time" : "2018-04-05T17:31:00Z", "comexampleextension1" : "value",
      "comexampleothervalue" : 5, "datacontenttype" : "application/json", "data" : { "appinfoA" : "abc", "appinfoB" : 123 }
    }
    """#

  @Test("The specification's example is parsed")
  func reads() throws {
    let event = try CloudEvent(parsing: bytes(example))
    #expect(
      event
        == CloudEvent(
          id: "C234-1234-1234", source: "/mycontext", type: "com.example.someevent",
          time: Timestamp("2018-04-05T17:31:00Z"), data: ["appinfoA": "abc", "appinfoB": 123],
          extensions: ["comexampleextension1": "value", "comexampleothervalue": 5]))
  }

  @Test("A written event is read back unchanged")
  func roundTrip() throws {
    let event = CloudEvent(
      id: "a", source: "/gonogo/tiering", type: "dev.gonogo.launch.proposed.v1", subject: "smart-routing",
      time: Timestamp(microseconds: 1_750_000_000_123_456), dataSchema: "https://example.com/s", data: [1, "ü", nil],
      extensions: ["traceparent": "00-x"])
    #expect(try CloudEvent(parsing: event.encoded()) == event)
  }

  @Test(
    "An invalid event is reported with the attribute",
    arguments: [
      ("", "read"), ("[]", "specversion"), (#"{"specversion":"0.3","id":"1","source":"s","type":"t"}"#, "specversion"),
      (#"{"specversion":"1.0","source":"s","type":"t"}"#, "id"),
      (#"{"specversion":"1.0","id":"","source":"s","type":"t"}"#, "id"),
      (#"{"specversion":"1.0","id":1,"source":"s","type":"t"}"#, "id"),
      (#"{"specversion":"1.0","id":"1","source":"s"}"#, "type"),
      (#"{"specversion":"1.0","id":"1","source":"s","type":"t","time":"yesterday"}"#, "time"),
    ])
  func errors(_ text: String, _ named: String) {
    #expect {
      try CloudEvent(parsing: bytes(text))
    } throws: { error in
      guard let error = error as? EventError else { return false }
      return error.code == "malformed-event" && (error.detail.contains(named) || named == "read")
    }
  }

  @Test("A stored event without a time happened when it was stored")
  func occurrence() throws {
    let stored = Timestamp(microseconds: 5)
    let event = CloudEvent(id: "1", source: "s", type: "t")
    #expect(try StoredEvent(offset: 1, storedAt: stored, bytes: event.encoded()).occurredAt() == stored)
    #expect(throws: EventError.self) { try StoredEvent(offset: 1, storedAt: stored, bytes: bytes("x")).event() }
  }
}
