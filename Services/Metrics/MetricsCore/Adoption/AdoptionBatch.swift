public import LaunchModel

/// Collects what a batch of events changes in several pairs of day columns and in
/// the accounts' numbers, before it is stored.
///
/// Neither is changed here. The stored state is passed with each event and must not change while the batch lasts, so a
/// batch whose transaction fails has no effect.
///
/// Events are first collected, then compared with one pair of columns after another. An account's days
/// lie far apart in memory, with one or two cache misses per account; in a loop over all accounts, a
/// processor can fetch many of them at once.
public struct AdoptionBatch: Sendable {
  /// A pair of columns that the batch may change.
  public struct Target: Sendable {
    /// The id of the pair's projection.
    public let id: Int64
    /// The feature whose uses count.
    public let feature: String
    /// The span of time that the columns cover.
    public let span: AdoptionSpan
    /// The offsets of the events to count.
    public let offsets: ClosedRange<Int64>

    public init(id: Int64, feature: String, span: AdoptionSpan, offsets: ClosedRange<Int64>) {
      self.id = id
      self.feature = feature
      self.span = span
      self.offsets = offsets
    }
  }

  /// The stored state that a batch is compared with.
  public struct Known: Sendable {
    /// The accounts' numbers.
    public var keys = KeyNumbers()
    /// The pairs of columns, in any order.
    private var columns: [AdoptionColumns] = []
    /// The index in `columns` of each projection's pair.
    private var places: [Int64: Int] = [:]

    public init() {}

    /// The pair of a projection; nil if none is stored.
    public subscript(projection: Int64) -> AdoptionColumns? { places[projection].map { columns[$0] } }

    /// Changes the pair of a projection in place.
    public mutating func update(_ projection: Int64, _ body: (inout AdoptionColumns) -> Void) {
      if let place = places[projection] { body(&columns[place]) }
    }

    /// Sets the pair of a projection.
    public mutating func set(_ projection: Int64, _ pair: AdoptionColumns) {
      if let place = places[projection] {
        columns[place] = pair
      } else {
        places[projection] = columns.count
        columns.append(pair)
      }
    }

    /// Removes the pair of a projection.
    public mutating func remove(_ projection: Int64) {
      guard let place = places.removeValue(forKey: projection) else { return }
      columns.remove(at: place)
      for (other, index) in places where index > place { places[other] = index - 1 }
    }
  }

  /// A target with the values needed for every event.
  private struct Scope {
    var target: Target
    /// The number of the target's feature in `features`.
    var feature: Int32
    /// The number of events collected before it became a target.
    var firstEvent: Int
  }

  /// An event that at least one target may count.
  private struct Event {
    /// The place of its account in `rows`.
    var row: Int32
    /// The number of the feature that was used; -1 if no target counts it or nothing was used.
    var feature: Int32
    var at: Timestamp
    var storedAt: Timestamp
    var offset: Int64
    var isOutOfOrder: Bool
  }

  /// The accounts without a stored number. The first of them gets the next free number, and so on.
  public private(set) var newKeys = KeyNumbers()
  /// The latest occurrence time of any use or activity; nil if there is none yet.
  public private(set) var latest: Timestamp?

  private var scopes: [Scope] = []
  private var features = KeyNumbers()
  private var events: [Event] = []
  /// The accounts of `events`.
  private var rows = AccountRows()

  public init(_ targets: [Target] = []) { retarget(targets) }

  /// The pairs that the batch may change.
  public var targets: [Target] { scopes.map(\.target) }

  /// Replaces the targets for the events that follow. Targets that remain keep the events collected for them.
  public mutating func retarget(_ targets: [Target]) {
    let earlier = Dictionary(uniqueKeysWithValues: scopes.map { ($0.target.id, $0.firstEvent) })
    scopes = targets.map { target in
      Scope(
        target: target, feature: Int32(features.insert(target.feature)),
        firstEvent: earlier[target.id] ?? events.count)
    }
  }

  /// Adds one event; adding it again has no effect.
  ///
  /// - Parameters:
  ///   - account: the bytes of the account's key.
  ///   - feature: the bytes of the key of the feature that was used; nil if the account was only active.
  ///   - isOutOfOrder: whether events with higher offsets were added before. If so, the change is logged even if it
  ///     alters nothing now, because it alters earlier states.
  ///   - known: the stored state, the same for the whole batch.
  public mutating func add(
    account: UnsafeRawBufferPointer, feature: UnsafeRawBufferPointer?, at moment: Timestamp, storedAt: Timestamp,
    offset: Int64, isOutOfOrder: Bool = false, to known: borrowing Known
  ) {
    latest = max(latest ?? moment, moment)
    guard scopes.contains(where: { $0.target.offsets.contains(offset) && $0.target.span.contains(moment) }) else {
      return
    }
    let number = known.keys.number(of: account) ?? known.keys.count + newKeys.insert(account)
    events.append(
      Event(
        row: rows.place(of: number), feature: feature.flatMap { features.number(of: $0) }.map(Int32.init) ?? -1,
        at: moment, storedAt: storedAt, offset: offset, isOutOfOrder: isOutOfOrder))
  }

  /// The changes that the events make to each pair, in the order of `targets`.
  ///
  /// - Parameter known: the stored state that was passed with the events.
  public func changes(to known: borrowing Known) -> [AdoptionChangeLog] {
    var logs: [AdoptionChangeLog] = []
    for scope in scopes { logs.append(changes(in: scope, known[scope.target.id])) }
    return logs
  }

  private func changes(in scope: Scope, _ columns: AdoptionColumns?) -> AdoptionChangeLog {
    var log = AdoptionChangeLog()
    let accounts = rows.accounts
    var days = columns?.days(of: accounts) ?? [AccountDays](repeating: .none, count: accounts.count)
    let (span, offsets) = (scope.target.span, scope.target.offsets)
    for event in events[scope.firstEvent...] {
      guard offsets.contains(event.offset), let day = span.day(of: event.at) else { continue }
      let change = AdoptionChange(
        account: accounts[Int(event.row)], isUse: event.feature == scope.feature, day: day,
        closingDay: max(day, span.closingDay(storedAt: event.storedAt)), offset: event.offset)
      if days[Int(event.row)].lower(to: change) || event.isOutOfOrder { log.append(change) }
    }
    return log
  }
}

/// The numbers of the accounts of a batch, each with a place of its own in the order in which they came.
struct AccountRows: Sendable {
  /// The number of each account, by its place.
  private(set) var accounts: [Int] = []
  /// A hash table with linear probing, at most half full. A slot holds the account's number above its place plus 1; 0
  /// is a free slot.
  private var slots = [UInt64](repeating: 0, count: 64)

  init() {}

  /// The place of an account, by its number; one that has none gets the next.
  mutating func place(of account: Int) -> Int32 {
    if (accounts.count + 1) * 2 > slots.count { grow() }
    let index = Self.slot(of: UInt64(account), in: slots)
    let slot = slots[index]
    if slot != 0 { return Int32(slot & 0xffff_ffff) - 1 }
    accounts.append(account)
    slots[index] = UInt64(account) << 32 | UInt64(accounts.count)
    return Int32(accounts.count - 1)
  }

  /// The slot that holds an account, else the one that is free for it.
  private static func slot(of account: UInt64, in slots: [UInt64]) -> Int {
    let mask = slots.count - 1
    // Numbers are dense; the multiplication by 2⁶⁴ divided by the golden ratio spreads them over the table.
    var index = Int((account &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
    while slots[index] != 0, slots[index] >> 32 != account { index = (index + 1) & mask }
    return index
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: slots.count * 2)
    for slot in slots where slot != 0 {
      let index = Self.slot(of: slot >> 32, in: larger)
      larger[index] = slot
    }
    slots = larger
  }
}
