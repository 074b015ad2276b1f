import JSON
import LaunchModel
import Messaging

/// An event of another service: what every announcement says, and what this type says beside.
struct Announced<Payload: Codable & Sendable> {
  let header: AnnouncementHeader
  let payload: Payload

  /// - Throws: `JSONError` where the data is not what the type has.
  init(_ type: EventType<Payload>, _ event: CloudEvent) throws {
    let data = event.data ?? .null
    header = try JSONCoding.decode(AnnouncementHeader.self, from: data)
    payload = try JSONCoding.decode(Payload.self, from: data)
  }
}
