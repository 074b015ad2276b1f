/// Adoption among the accounts of one customer segment, at the window's end or now.
public struct AdoptionSegment: Sendable, Hashable {
  /// The segment named by the latest `account.changed` with a segment; nil for accounts without any.
  public var name: String?
  /// The accounts with at least one use in the window so far.
  public var adopted: Int
  /// The accounts with any activity in the window so far.
  public var active: Int

  public init(name: String?, adopted: Int = 0, active: Int = 0) {
    self.name = name
    self.adopted = adopted
    self.active = active
  }
}

extension AdoptionSegment {
  /// The counts of each segment by name, then of the accounts without one. They add up to the figures.
  ///
  /// Only accounts in the directory have a segment, so the other accounts need not be visited.
  static func all(
    of figures: AdoptionFigures, _ columns: AdoptionColumns, _ points: AdoptionPoints, _ accounts: AccountDirectory,
    _ numbers: [Int32]
  ) -> [AdoptionSegment] {
    var segments: [String: AdoptionSegment] = [:]
    var counted = [(active: Bool, adopted: Bool)](repeating: (false, false), count: accounts.count)
    for account in 0..<accounts.count where numbers[account] >= 0 {
      let number = Int(numbers[account])
      guard points.point(ofDay: Int(columns.active[number])) <= points.count,
        let survivor = accounts.counted(account, before: points.statesBefore, accounts.known),
        let name = accounts.segment(of: survivor, before: points.statesBefore)
      else { continue }
      var segment = segments[name] ?? AdoptionSegment(name: name)
      if !counted[survivor].active {
        counted[survivor].active = true
        segment.active += 1
      }
      if !counted[survivor].adopted, points.point(ofDay: Int(columns.used[number])) <= points.count {
        counted[survivor].adopted = true
        segment.adopted += 1
      }
      segments[name] = segment
    }
    let named = segments.sorted { $0.key < $1.key }.map(\.value)
    let rest = AdoptionSegment(
      name: nil, adopted: figures.adopted - named.reduce(0) { $0 + $1.adopted },
      active: figures.active - named.reduce(0) { $0 + $1.active })
    return named + (rest.active > 0 ? [rest] : [])
  }
}
