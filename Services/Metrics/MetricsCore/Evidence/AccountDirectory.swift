public import Contract
public import LaunchModel

/// One `account.changed` event.
public struct AccountChange: Sendable, Hashable {
  /// The organisation's key of the account.
  public var account: String
  /// When the change happened and took effect.
  public var at: Timestamp
  /// Its offset in the log. Of two changes at the same moment, the one with the higher offset wins.
  public var offset: Int64
  /// When the bus stored it.
  public var storedAt: Timestamp
  /// The account's new state.
  public var state: AccountState
  /// For `merged`, the account that counts its activity from then on.
  public var mergedInto: String?
  /// The customer segment it belongs to from then on; nil if the event names
  /// none, so that the previous segment remains.
  public var segment: String?

  /// - Parameter storedAt: when the bus stored it; nil for the moment at which it happened.
  public init(
    account: String, at: Timestamp, offset: Int64, storedAt: Timestamp? = nil, state: AccountState,
    mergedInto: String? = nil, segment: String? = nil
  ) {
    self.account = account
    self.at = at
    self.offset = offset
    self.storedAt = storedAt ?? at
    self.state = state
    self.mergedInto = mergedInto
    self.segment = segment
  }
}

/// The history of every account with a change; every other account is active.
///
/// Accounts that were changed, or into which others were merged, are numbered from 0. All accounts connected by merges,
/// in whatever order and at whatever time, form a group; how an account counts never depends on other groups.
public struct AccountDirectory: Sendable {
  /// A stored change, without its account.
  struct Change: Sendable {
    var at: Timestamp
    var offset: Int64
    var storedAt: Timestamp
    var state: AccountState
    /// The number of the segment that it names; `noSegment` if it names none. Its size fits the padding of the struct.
    var segment: UInt16
    /// The number of the account that it was merged into; -1 if none.
    var mergedInto: Int32

    /// The value that means "no segment", also used for segments beyond the 65,535 that can be numbered.
    static let noSegment = UInt16.max
  }

  /// Limits a directory to the changes that were known at an earlier moment.
  struct Knowledge: Sendable {
    /// The last offset to include; nil for all.
    var offset: Int64?
    /// The moment before which a change must have been stored; nil for all.
    var storedBefore: Timestamp?

    func includes(_ change: Change) -> Bool {
      if let offset, change.offset > offset { return false }
      if let storedBefore, change.storedAt >= storedBefore { return false }
      return true
    }
  }

  private var numbers = KeyNumbers()
  /// The segments that changes name.
  private var segments = KeyNumbers()
  /// The first change of each account by time and offset; nil for accounts into which others were merged but that never
  /// changed. Nearly all accounts have no other change, so these are stored compactly.
  private var firstChanges: [Change?] = []
  /// The further changes of accounts with several, ascending by time and offset.
  private var laterChanges: [Int: [Change]] = [:]
  /// The group of each account, identified by the number of one of its members.
  private var groups: [Int32] = []
  /// The next member of each account's group; the links form a circle.
  private var next: [Int32] = []
  /// The number of members of each group.
  private var sizes: [Int32] = []
  private var knowledge = Knowledge()
  /// When the bus stored the last change; nil without changes.
  public private(set) var lastStored: Timestamp?

  /// Creates a directory from changes in any order.
  public init(_ changes: some Sequence<AccountChange> = []) {
    for change in changes { insert(change) }
  }

  /// The number of accounts that were changed or into which others were merged.
  public var count: Int { groups.count }

  /// The key of an account by its number.
  public func key(_ number: Int) -> String { numbers[number] }

  /// The number of an account; nil if no change mentions it.
  public func number(of account: String) -> Int? { numbers.number(of: account) }

  /// The number of an account, given the bytes of its key; nil if no change mentions it.
  public func number(of account: UnsafeRawBufferPointer) -> Int? { numbers.number(of: account) }

  /// Adds a change; has no effect if it was already added.
  public mutating func insert(_ change: AccountChange) {
    let account = insert(change.account)
    let target = change.mergedInto.map { insert($0) }
    let kept = Change(
      at: change.at, offset: change.offset, storedAt: change.storedAt, state: change.state,
      segment: change.segment.map { insert(segment: $0) } ?? Change.noSegment,
      mergedInto: target.map { Int32($0) } ?? -1)
    var history = history(of: account)
    let index = history.lastIndex { ($0.at, $0.offset) <= (kept.at, kept.offset) }
    if let index, history[index].offset == kept.offset { return }
    history.insert(kept, at: index.map { $0 + 1 } ?? 0)
    firstChanges[account] = history[0]
    if history.count > 1 { laterChanges[account] = Array(history.dropFirst()) }
    lastStored = max(lastStored ?? change.storedAt, change.storedAt)
    if let target { unite(account, target) }
  }

  private mutating func insert(_ account: String) -> Int {
    let number = numbers.insert(account)
    if number == groups.count {
      firstChanges.append(nil)
      groups.append(Int32(number))
      next.append(Int32(number))
      sizes.append(1)
    }
    return number
  }

  private mutating func insert(segment: String) -> UInt16 {
    let number = segments.number(of: segment)
    guard number != nil || segments.count < Int(Change.noSegment) else { return Change.noSegment }
    return UInt16(number ?? segments.insert(segment))
  }

  /// Unites two groups: the members of the smaller one join the larger one.
  private mutating func unite(_ left: Int, _ right: Int) {
    var (small, large) = (Int(groups[left]), Int(groups[right]))
    guard small != large else { return }
    if sizes[small] > sizes[large] { swap(&small, &large) }
    sizes[large] += sizes[small]
    var member = small
    repeat {
      groups[member] = Int32(large)
      member = Int(next[member])
    } while member != small
    next.swapAt(small, large)
  }

  /// The directory as of an offset: without events after it.
  public func known(upTo offset: Int64) -> AccountDirectory {
    var directory = self
    directory.knowledge.offset = offset
    return directory
  }

  /// The directory as of a moment: without events stored at or after it.
  public func stored(before moment: Timestamp) -> AccountDirectory {
    var directory = self
    directory.knowledge.storedBefore = moment
    return directory
  }
}

extension AccountDirectory {
  /// The account that this one counts as, by the states before a moment; nil if it is excluded.
  ///
  /// Merges are followed to the last account, whose state decides. In a cycle of merges,
  /// the account with the least key is the last.
  public func counted(_ account: String, before moment: Timestamp) -> String? {
    guard let number = numbers.number(of: account) else { return account }
    return counted(number, before: moment, knowledge).map { numbers[$0] }
  }

  /// The account that this one counts as, by its number and limited to what
  /// `knowledge` includes; nil if it is excluded.
  func counted(_ account: Int, before moment: Timestamp, _ knowledge: Knowledge) -> Int? {
    let survivor = survivor(of: account, before: moment, knowledge)
    guard let change = change(of: survivor, before: moment, knowledge) else { return survivor }
    return AccountState.excluded.contains(change.state) ? nil : survivor
  }

  /// The segment of the account that this one counts as, by the changes before a
  /// moment; nil if it has none or is excluded.
  public func segment(of account: String, before moment: Timestamp) -> String? {
    numbers.number(of: account).flatMap { counted($0, before: moment, knowledge) }
      .flatMap { segment(of: $0, before: moment) }
  }

  /// The segment named by the account's latest known change before a moment that names one.
  func segment(of account: Int, before moment: Timestamp) -> String? {
    let change = history(of: account).last {
      $0.segment != Change.noSegment && $0.at < moment && knowledge.includes($0)
    }
    return change.map { segments[Int($0.segment)] }
  }

  private func survivor(of account: Int, before moment: Timestamp, _ knowledge: Knowledge) -> Int {
    guard var current = successor(of: account, before: moment, knowledge) else { return account }
    guard let second = successor(of: current, before: moment, knowledge) else { return current }
    var path = [account, current]
    var seen: Set<Int> = [account, current]
    current = second
    while true {
      guard seen.insert(current).inserted else {
        let cycle = path[(path.firstIndex(of: current) ?? 0)...]
        return cycle.min { isLess($0, $1) } ?? current
      }
      path.append(current)
      guard let next = successor(of: current, before: moment, knowledge) else { return current }
      current = next
    }
  }

  private func isLess(_ left: Int, _ right: Int) -> Bool {
    numbers[left].utf8.lexicographicallyPrecedes(numbers[right].utf8)
  }

  private func successor(of account: Int, before moment: Timestamp, _ knowledge: Knowledge) -> Int? {
    guard let change = change(of: account, before: moment, knowledge), change.state == .merged, change.mergedInto >= 0
    else { return nil }
    return Int(change.mergedInto)
  }

  /// The latest known change before a moment.
  private func change(of account: Int, before moment: Timestamp, _ knowledge: Knowledge) -> Change? {
    let later = laterChanges.isEmpty ? nil : laterChanges[account]
    if let change = later?.last(where: { $0.at < moment && knowledge.includes($0) }) { return change }
    return firstChanges[account].flatMap { $0.at < moment && knowledge.includes($0) ? $0 : nil }
  }

  /// The changes that this directory is limited to.
  var known: Knowledge { knowledge }

  /// All changes of an account, ascending by time and offset, whether or not `known` includes them.
  func history(of account: Int) -> [Change] {
    guard let first = firstChanges[account] else { return [] }
    return [first] + (laterChanges[account] ?? [])
  }

  /// The change of an account with exactly one change; nil for any other account.
  @inline(__always)
  func onlyChange(of account: Int) -> Change? {
    guard let first = firstChanges[account] else { return nil }
    return laterChanges.isEmpty || laterChanges[account] == nil ? first : nil
  }

  /// Whether the account itself never changed, although others may have been merged into it.
  @inline(__always)
  func isUnchanged(_ account: Int) -> Bool { firstChanges[account] == nil }

  /// The other member of a group of two; nil for other groups.
  @inline(__always)
  func partner(of account: Int) -> Int? { sizes[Int(groups[account])] == 2 ? Int(next[account]) : nil }

  /// The members of the group identified by this account; empty if the account does not identify its group.
  func members(ofGroup account: Int) -> [Int] {
    guard Int(groups[account]) == account else { return [] }
    var members = [account]
    members.reserveCapacity(Int(sizes[account]))
    var member = Int(next[account])
    while member != account {
      members.append(member)
      member = Int(next[member])
    }
    return members
  }

  /// Whether the account is not connected to any other by merges.
  func isAlone(_ account: Int) -> Bool { sizes[account] == 1 && Int(groups[account]) == account }
}
