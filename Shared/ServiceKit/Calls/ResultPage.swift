import Contract
import JSON
import LaunchModel

/// Extracts a page from a list or a history.
struct ResultPage {
  private static let highestLimit = 10_000

  private let start: Int
  private let limit: Int

  /// Reads the requested page from the parameters.
  ///
  /// - Throws: `invalid` if `limit` or `next` is out of range.
  init(_ params: [UInt8]) throws {
    let request = try ParameterCoding.decode(PageRequest.self, params)
    limit = request.limit ?? Self.highestLimit
    guard (1...Self.highestLimit).contains(limit) else {
      throw Problem.invalid(
        "unfit-limit", pointer: "/limit", "\(limit) is out of range; ask for 1 to \(Self.highestLimit) entries")
    }
    guard let next = request.next else {
      start = 0
      return
    }
    guard let place = Int(next), place > 0 else {
      throw Problem.invalid(
        "unfit-next", pointer: "/next",
        "\"\(next.excerpt)\" is not the `next` value of a page; pass it exactly as the previous page returned it")
    }
    start = place
  }

  /// The page as JSON: as many entries as were asked for and fit into an answer, at least one.
  func json<Whole: PagedResult>(of whole: Whole) throws -> JSONValue {
    var page = whole
    let entries = whole.pageEntries.dropFirst(start)
    page.pageEntries = []
    page.next = String(start + entries.count)
    var size = try JSONCoding.encode(page).count
    // Each entry is encoded once, because pages have up to a MiB.
    var shown: [JSONValue] = []
    for entry in entries.prefix(limit) {
      let value = try JSONCoding.value(entry)
      size += value.serialized().count + 1
      guard size <= ShortForm.limit || shown.isEmpty else { break }
      shown.append(value)
    }
    page.next = shown.count < entries.count ? String(start + shown.count) : nil
    var members = try JSONCoding.value(page).objectValue ?? [:]
    members[Whole.entriesKey] = .array(shown)
    // A single entry that is too large is cut.
    return ShortForm.fitting(.object(members))
  }
}
