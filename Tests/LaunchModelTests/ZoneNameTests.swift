import LaunchModel
import Testing

@Suite("Names of time zones")
struct ZoneNameTests {
  @Test(
    "Names in the IANA database are accepted, including old ones",
    arguments: [
      "UTC", "GMT", "America/New_York", "America/Argentina/Buenos_Aires", "Asia/Calcutta", "Asia/Kolkata",
      "Europe/Kiev", "Etc/GMT+5", "Etc/UTC", "US/Pacific", "EST5EDT", "Japan", "GB",
    ])
  func known(name: String) throws { #expect(try ZoneRules(named: name).identifier == name) }

  /// Foundation accepts each of them, most with an offset that its user does not expect.
  @Test(
    "Abbreviations and offsets are refused, with the name that was probably meant",
    arguments: [
      ("PST", "\"America/Los_Angeles\""), ("CST", "\"America/Chicago\" or \"Asia/Shanghai\""),
      ("IST", "\"Asia/Kolkata\" or \"Europe/Dublin\" or \"Asia/Jerusalem\""), ("BST", "\"Europe/London\""),
      ("JST", "\"Asia/Tokyo\""), ("GMT+5", "\"Etc/GMT-5\""), ("GMT-0500", "\"Etc/GMT+5\""), ("UTC-5", "\"Etc/GMT+5\""),
      ("UTC+05:30", "name the region"), ("SystemV/PST8", "give an IANA name"), ("Factory", "give an IANA name"),
      ("america/new_york", "\"America/New_York\""), ("Berlin", "\"Europe/Berlin\""),
      ("new york", "\"America/New_York\""),
      ("Europe/Berln", "\"Europe/Berlin\""), ("W. Europe Standard Time", "\"Europe/Berlin\""),
      ("", "give an IANA name"),
      ("ACT", "give an IANA name"), ("Europe/../Europe/Berlin", "give an IANA name"),
    ])
  func refused(name: String, hint: String) {
    let problem = #expect(throws: Problem.self) { try ZoneRules(named: name) }
    let detail = problem?.errors.first?.detail ?? ""
    #expect(detail.contains(hint) && detail.contains("give an IANA name such as America/New_York or UTC"), "\(detail)")
  }

  @Test("Names stored by an earlier version can still be read")
  func stored() throws { #expect(try ZoneRules("PST").offset(at: Timestamp(microseconds: 0)) == -28_800) }
}
