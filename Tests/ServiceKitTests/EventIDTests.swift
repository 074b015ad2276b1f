import LaunchModel
import Testing

@testable import ServiceKit

@Suite struct EventIDTests {
  /// The example of RFC 9562, appendix A.6.
  @Test("An event id is a UUID of version 7") func version7() {
    let id = EventID.uuid(milliseconds: 0x017F_22E2_79B0, random: (0xCC3, 0x18C4_DC0C_0C07_398F))
    #expect(id == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
  }

  @Test("Event ids ascend with time") func order() {
    let start = Timestamp(microseconds: 1_798_794_000_000_000)
    let ids = (0..<50).map { EventID.next(at: start.adding(seconds: $0)) }
    #expect(ids == ids.sorted())
    #expect(Set(ids).count == 50)
  }
}
