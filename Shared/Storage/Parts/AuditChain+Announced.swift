public import LaunchModel

extension AuditChain {
  /// The first link that is not there, or not the one, that announcements cite; nil where all of them are.
  ///
  /// A chain that holds by itself and has all of these is whole up to the last of them.
  ///
  /// - Parameter announced: ends that the chain had when something was announced, in any order.
  public func compare(
    launch: String, with announced: [ChainHead], _ transaction: any Transaction
  ) throws -> BrokenLink? {
    guard let last = announced.map(\.length).max() else { return nil }
    var hashes: [Int: String] = [:]
    for row in try transaction.query("SELECT length, hash FROM audit_links WHERE launch = ?", [launch]) {
      hashes[try row.int("length")] = try row.text("hash")
    }
    guard let end = hashes.keys.max() else {
      return BrokenLink(length: 1, detail: "the chain is missing: the bus has seen \(last) of its links")
    }
    for head in announced.sorted(by: { $0.length < $1.length }) {
      guard head.length <= end else {
        return BrokenLink(length: end + 1, detail: "cut off after link \(end): the bus has seen \(last)")
      }
      guard hashes[head.length] == head.hash else {
        return BrokenLink(length: head.length, detail: "rewritten: it is not the link that was announced")
      }
    }
    return nil
  }
}
