import Contract
import JSON
import LaunchModel

/// Cuts a page out of a list or a history.
struct ResultPage {
  private static let highestLimit = 10_000

  private let start: Int
  private let limit: Int

  /// Reads the page that the parameters ask for.
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
    // A single entry that is too large is cut.
    return ShortForm.fitting(try JSONCoding.value(page))
  }
}
