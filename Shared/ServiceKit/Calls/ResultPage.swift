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
        "\"\(next.excerpt)\" is not the next of a page; pass it as the page before gave it")
    }
    start = place
  }

  /// Returns the page as JSON: as many entries as requested, at most as many as fit into an answer, and at least one.
  func json(of whole: some PagedResult) throws -> JSONValue {
    var page = whole
    let entries = whole.pageEntries.dropFirst(start)
    page.pageEntries = []
    page.next = String(start + entries.count)
    var size = try JSONCoding.encode(page).count
    var count = 0
    for entry in entries.prefix(limit) {
      size += try JSONCoding.encode(entry).count + 1
      guard size <= ShortForm.limit || count == 0 else { break }
      count += 1
    }
    page.pageEntries = Array(entries.prefix(count))
    page.next = count < entries.count ? String(start + count) : nil
    // A single entry that is too large is shortened.
    return ShortForm.fitting(try JSONCoding.value(page))
  }
}
