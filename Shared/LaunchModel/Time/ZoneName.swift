internal import Foundation

/// The accepted names of time zones: those of the IANA database, in its spelling.
///
/// Foundation also accepts abbreviations, which can mean several zones, and offsets such as `GMT+5`, whose sign is the
/// opposite of the IANA name `Etc/GMT+5`. Programs in other languages know neither.
enum ZoneName {
  /// The IANA names without a slash; Foundation accepts no name with a slash that IANA lacks, except those of
  /// `SystemV/`.
  private static let single: Set<String> = [
    "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT", "GMT+0", "GMT-0",
    "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein", "Libya",
    "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT", "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK",
    "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu",
  ]

  /// The IANA names that people probably mean by other names; the keys are in lower case.
  private static let likely: [String: [String]] = [
    "pst": ["America/Los_Angeles"], "pdt": ["America/Los_Angeles"], "pt": ["America/Los_Angeles"],
    "mdt": ["America/Denver"], "mt": ["America/Denver"], "cst": ["America/Chicago", "Asia/Shanghai"],
    "cdt": ["America/Chicago"], "ct": ["America/Chicago"], "edt": ["America/New_York"], "et": ["America/New_York"],
    "akst": ["America/Anchorage"], "akdt": ["America/Anchorage"], "ast": ["America/Halifax", "Asia/Riyadh"],
    "adt": ["America/Halifax"], "nst": ["America/St_Johns"], "brt": ["America/Sao_Paulo"],
    "art": ["America/Argentina/Buenos_Aires"], "bst": ["Europe/London"],
    "ist": ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"],
    "cest": ["Europe/Berlin"], "mez": ["Europe/Berlin"], "mesz": ["Europe/Berlin"], "west": ["Europe/Lisbon"],
    "eest": ["Europe/Athens"], "msk": ["Europe/Moscow"], "trt": ["Europe/Istanbul"], "gst": ["Asia/Dubai"],
    "pkt": ["Asia/Karachi"], "ict": ["Asia/Bangkok"], "wib": ["Asia/Jakarta"], "sgt": ["Asia/Singapore"],
    "hkt": ["Asia/Hong_Kong"], "pht": ["Asia/Manila"], "jst": ["Asia/Tokyo"], "kst": ["Asia/Seoul"],
    "awst": ["Australia/Perth"], "acst": ["Australia/Adelaide"], "aest": ["Australia/Sydney"],
    "aedt": ["Australia/Sydney"], "nzst": ["Pacific/Auckland"], "nzdt": ["Pacific/Auckland"],
    "sast": ["Africa/Johannesburg"],
    "wat": ["Africa/Lagos"], "cat": ["Africa/Maputo"], "eat": ["Africa/Nairobi"], "z": ["UTC"],
    "eastern standard time": ["America/New_York"], "central standard time": ["America/Chicago"],
    "mountain standard time": ["America/Denver"], "pacific standard time": ["America/Los_Angeles"],
    "gmt standard time": ["Europe/London"], "w. europe standard time": ["Europe/Berlin"],
    "romance standard time": ["Europe/Paris"], "central europe standard time": ["Europe/Budapest"],
    "central european standard time": ["Europe/Warsaw"], "e. europe standard time": ["Europe/Chisinau"],
    "india standard time": ["Asia/Kolkata"], "china standard time": ["Asia/Shanghai"],
    "tokyo standard time": ["Asia/Tokyo"], "aus eastern standard time": ["Australia/Sydney"],
  ]

  /// Returns whether the name is in the IANA database.
  static func isKnown(_ name: String) -> Bool {
    guard !name.isEmpty, name.utf8.count <= 64, TimeZone(identifier: name) != nil else { return false }
    // ICU has its own old names with this prefix.
    return single.contains(name) || (name.contains("/") && !name.hasPrefix("SystemV/"))
  }

  /// Returns ` (did you mean "America/Los_Angeles"?)`, or the name of a fixed offset; empty if nothing is likely.
  static func hint(for name: String) -> String {
    let word = name.lowercased()
    if let names = likely[word] { return Suggestion.text(naming: names) }
    if let offset = offsetHint(word) { return offset }
    let known = TimeZone.knownTimeZoneIdentifiers + single.sorted()
    let path = word.replacing(" ", with: "_")
    let exact = known.filter { $0.lowercased() == path || $0.lowercased().hasSuffix("/\(path)") }
    if !exact.isEmpty { return Suggestion.text(naming: exact) }
    return Suggestion.text(for: name, among: known)
  }

  /// Returns the IANA name of a fixed offset such as `utc-5`, `gmt+0500` or `+05:00`, in which the sign is reversed.
  private static func offsetHint(_ word: String) -> String? {
    guard let match = word.wholeMatch(of: /(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?/), let hours = Int(match.2) else {
      return nil
    }
    guard hours <= 14, match.3 == nil || match.3 == "00" else { return "; name the region instead of the offset" }
    let sign = match.1 == "+" ? "-" : "+"
    let direction = match.1 == "+" ? "east" : "west"
    return "; name the region, or if it is \(hours) h \(direction) of UTC all year, \"Etc/GMT\(sign)\(hours)\""
  }
}

extension ZoneRules {
  /// Returns the rules of a zone that a person or program named.
  ///
  /// - Throws: `invalid`, with the name that is probably meant, if the name is not in the IANA database.
  public init(named name: String) throws(Problem) {
    guard ZoneName.isKnown(name) else {
      throw .invalid(
        "unknown-zone", title: "unknown time zone", pointer: "/timeZone",
        "\"\(name.prefix(64))\" is not a known time zone\(ZoneName.hint(for: String(name.prefix(64)))); give an IANA name "
          + "such as America/New_York or UTC")
    }
    try self.init(name)
  }
}
