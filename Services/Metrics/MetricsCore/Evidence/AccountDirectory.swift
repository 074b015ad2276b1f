public import Contract
public import LaunchModel

/// One `account.changed`.
public struct AccountChange: Sendable, Hashable {
  /// The organisation's key of the account.
  public var account: String
  /// When it happened and took effect.
  public var at: Timestamp
  /// Its offset in the log; of two changes at the same moment, the later in the log wins.
  public var offset: Int64
  /// When the bus stored it.
  public var storedAt: Timestamp
  /// The account's new state.
  public var state: AccountState
  /// For `merged`, the account that its activity counts for from then on.
  public var mergedInto: String?
  /// The customer segment it belongs to from then on; nil if the event names none, and what was known stays.
  public var segment: String?

  /// - Parameter storedAt: when the bus stored it; by default at once.
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

/// The history of every account that was ever changed; any other account is active.
///
/// The accounts that were changed, or had others merged into them, are numbered from 0. Those that merges connect, in whatever order
/// and at whatever time, are a group: how an account of one group counts never depends on another group.
public struct AccountDirectory: Sendable {
  /// A change as kept, without its account.
  struct Change: Sendable {
    var at: Timestamp
    var offset: Int64
    var storedAt: Timestamp
    var state: AccountState
    /// The number of the segment that it names, in the space that alignment leaves; `noSegment` for none.
    var segment: UInt16
    /// The number of the account that it was merged into; -1 for none.
    var mergedInto: Int32

    /// Stands for "no segment", and for those beyond what a change can number.
    static let noSegment = UInt16.max
  }

  /// Which changes were known at an earlier moment, for its figures.
  struct Knowledge: Sendable {
    /// The last offset in the log; nil for all.
    var offset: Int64?
    /// Only what was stored before; nil for all.
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
  /// The first change of each account by time and offset, side by side because nearly all have only this one; nil for accounts
  /// that only had others merged into them.
  private var firstChanges: [Change?] = []
  /// The further changes of the accounts that have several, ascending by time and offset.
  private var laterChanges: [Int: [Change]] = [:]
  /// The number of the group of each account, which is that of one of its members.
  private var groups: [Int32] = []
  /// The next member of each account's group, in a circle.
  private var next: [Int32] = []
  /// How many members each group has.
  private var sizes: [Int32] = []
  private var knowledge = Knowledge()
  /// When the bus stored the last change; nil if there is none.
  public private(set) var lastStored: Timestamp?

  /// Creates a directory from changes in any order.
  public init(_ changes: some Sequence<AccountChange> = []) {
    for change in changes { insert(change) }
  }

  /// How many accounts were changed or had others merged into them.
  public var count: Int { groups.count }

  /// The key of an account by its number.
  public func key(_ number: Int) -> String { numbers[number] }

  /// The number of an account; nil if no change concerns it.
  public func number(of account: String) -> Int? { numbers.number(of: account) }

  /// The number of an account by the bytes of its key; nil if no change concerns it.
  public func number(of account: UnsafeRawBufferPointer) -> Int? { numbers.number(of: account) }

  /// Adds a change; the same one again has no effect.
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

  /// Makes two groups one: the members of the smaller get the group of the larger.
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

  /// The directory as it was when only the events up to an offset were known.
  public func known(upTo offset: Int64) -> AccountDirectory {
    var directory = self
    directory.knowledge.offset = offset
    return directory
  }

  /// The directory as it was when only the events stored before a moment were known.
  public func stored(before moment: Timestamp) -> AccountDirectory {
    var directory = self
    directory.knowledge.storedBefore = moment
    return directory
  }
}

extension AccountDirectory {
  /// The account that this one counts as, by the states before a moment; nil if it is excluded.
  ///
  /// Merges are followed to the last account, whose state decides; a cycle of merges ends at its least key.
  public func counted(_ account: String, before moment: Timestamp) -> String? {
    guard let number = numbers.number(of: account) else { return account }
    return counted(number, before: moment, knowledge).map { numbers[$0] }
  }

  /// The same for an account's number.
  func counted(_ account: Int, before moment: Timestamp, _ knowledge: Knowledge) -> Int? {
    let survivor = survivor(of: account, before: moment, knowledge)
    guard let change = change(of: survivor, before: moment, knowledge) else { return survivor }
    return AccountState.excluded.contains(change.state) ? nil : survivor
  }

  /// The segment of the account that this one counts as, by the changes before a moment; nil if none names one, or if the account is
  /// excluded.
  public func segment(of account: String, before moment: Timestamp) -> String? {
    numbers.number(of: account).flatMap { counted($0, before: moment, knowledge) }
      .flatMap { segment(of: $0, before: moment) }
  }

  /// The segment that the latest known change of an account before a moment names, of those that name one.
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

  /// What the figures of this directory know.
  var known: Knowledge { knowledge }

  /// The changes of an account, ascending by time and offset, whether they are known or not.
  func history(of account: Int) -> [Change] {
    guard let first = firstChanges[account] else { return [] }
    return [first] + (laterChanges[account] ?? [])
  }

  /// The change of an account that has had only one; nil for any other.
  @inline(__always)
  func onlyChange(of account: Int) -> Change? {
    guard let first = firstChanges[account] else { return nil }
    return laterChanges.isEmpty || laterChanges[account] == nil ? first : nil
  }

  /// Whether no change concerns an account, other than those that merged others into it.
  @inline(__always)
  func isUnchanged(_ account: Int) -> Bool { firstChanges[account] == nil }

  /// The other member of a group of two; nil for other groups.
  @inline(__always)
  func partner(of account: Int) -> Int? { sizes[Int(groups[account])] == 2 ? Int(next[account]) : nil }

  /// The members of the group that is numbered as this account; empty if its group has another number.
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

  /// Whether merges connect an account with no other.
  func isAlone(_ account: Int) -> Bool { sizes[account] == 1 && Int(groups[account]) == account }
}
