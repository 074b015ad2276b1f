import JSON
import Contract
import LaunchModel
import Messaging

/// Signals from other systems.
enum Signals {
  static func event(
    _ type: SignalType, id: String, at: Timestamp = Stage.at("2027-02-01T15:00:00Z"), _ data: JSONValue
  ) -> CloudEvent {
    CloudEvent(id: id, source: "//test", type: type.rawValue, time: at, data: data)
  }
}
