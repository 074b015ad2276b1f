import JSON
public import Contract
import LaunchModel
public import Messaging

extension StoredEvent {
  /// The payload of an announced event.
  ///
  /// - Throws: `EventError` with code `malformed-data` where the data do not fit.
  public func payload<Payload>(of type: EventType<Payload>) throws(EventError) -> Payload {
    try decoded(Payload.self)
  }

  /// The header of an announced event.
  ///
  /// - Throws: `EventError` with code `malformed-data` where it has none.
  public func header() throws(EventError) -> AnnouncementHeader { try decoded(AnnouncementHeader.self) }

  /// The event's `data` as a type of the caller's.
  ///
  /// - Throws: `EventError` with code `malformed-data` where the data do not fit.
  public func decoded<T: Decodable>(_ type: T.Type) throws(EventError) -> T {
    do {
      return try JSONCoding.decode(type, from: try event().data ?? .null)
    } catch let fault as EventError {
      throw fault
    } catch let error as JSONError {
      throw EventError(
        code: "malformed-data", detail: "\(error.pointer.isEmpty ? "data" : error.pointer): \(error.detail)")
    } catch {
      throw EventError(code: "malformed-data", detail: "\(error)")
    }
  }
}
