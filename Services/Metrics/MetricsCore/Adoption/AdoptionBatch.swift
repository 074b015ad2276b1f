public import LaunchModel

/// What a batch of events adds to several pairs of columns and to the accounts' numbers, before it is stored.
///
/// It changes neither: what is known is passed with each event and must stay the same for as long as the batch lasts. So a batch
/// whose transaction fails leaves nothing behind.
public struct AdoptionBatch: Sendable {
  /// A pair of columns that the batch adds to.
  public struct Target: Sendable {
    /// The id of its projection.
    public let id: Int64
    /// The feature whose uses count.
    public let feature: String
    /// The span that is counted.
    public let span: AdoptionSpan
    /// The offsets that are counted.
    public let offsets: ClosedRange<Int64>

    public init(id: Int64, feature: String, span: AdoptionSpan, offsets: ClosedRange<Int64>) {
      self.id = id
      self.feature = feature
      self.span = span
      self.offsets = offsets
    }
  }

  /// What is stored already.
  public struct Known: Sendable {
    /// The accounts' numbers.
    public var keys = KeyNumbers()
    /// The pairs, in any order.
    public private(set) var columns: [AdoptionColumns] = []
    /// The place in `columns` of each projection's pair.
    private var places: [Int64: Int] = [:]

    public init() {}

    /// The pair of a projection; nil if nothing is known of it.
    public subscript(projection: Int64) -> AdoptionColumns? { places[projection].map { columns[$0] } }

    /// The place of a projection's pair in `columns`; -1 if nothing is known of it.
    func place(of projection: Int64) -> Int { places[projection] ?? -1 }

    /// Changes the pair of a projection in place.
    public mutating func update(_ projection: Int64, _ body: (inout AdoptionColumns) -> Void) {
      if let place = places[projection] { body(&columns[place]) }
    }

    /// Adds the pair of a projection, or replaces it.
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

  /// The part of a target that is looked at for every event.
  private struct Scope {
    var span: AdoptionSpan
    var offsets: ClosedRange<Int64>
    /// The number of its feature in `features`.
    var feature: Int
    /// The place of its pair among those known; -1 if it has no entries yet.
    var place: Int
  }

  /// The days of one account in one pair of columns, including those that the batch adds.
  fileprivate struct Days {
    var active: UInt16
    var used: UInt16
    var closingActive: UInt16
    var closingUsed: UInt16
  }

  /// The pairs.
  public private(set) var targets: [Target]
  /// The changes of each pair, in the order of `targets`.
  public private(set) var logs: [AdoptionChangeLog]
  /// The accounts that have no number yet; the first gets the next one that is free.
  public private(set) var newKeys = KeyNumbers()
  /// The latest occurrence time of any use or activity; nil if there was none.
  public private(set) var latest: Timestamp?

  private var features = KeyNumbers()
  private var scopes: [Scope] = []
  /// For each account the place of its days in `days`, in units of one row; -1 if the batch does not know it.
  private var rowOfAccount: [Int32] = []
  /// For each account of the batch, one row with the days in each pair.
  private var days: [Days] = []
  private var rows = 0

  public init(_ targets: [Target] = [], to known: borrowing Known) {
    self.targets = targets
    logs = targets.map { _ in AdoptionChangeLog() }
    setScopes(known)
  }

  /// Replaces the pairs that the following events are added to; changes of those that stay are kept, and those of others dropped.
  public mutating func retarget(_ targets: [Target], to known: borrowing Known) {
    let earlier = Dictionary(uniqueKeysWithValues: zip(self.targets.map(\.id), logs))
    let places = targets.map { target in self.targets.firstIndex { $0.id == target.id } }
    let width = self.targets.count
    var moved: [Days] = []
    moved.reserveCapacity(rows * targets.count)
    for row in 0..<rows {
      for place in places { moved.append(place.map { days[row * width + $0] } ?? Self.nothing) }
    }
    days = moved
    self.targets = targets
    logs = targets.map { earlier[$0.id] ?? AdoptionChangeLog() }
    setScopes(known)
  }

  private mutating func setScopes(_ known: borrowing Known) {
    scopes = []
    for target in targets {
      scopes.append(
        Scope(
          span: target.span, offsets: target.offsets, feature: features.insert(target.feature),
          place: known.place(of: target.id)))
    }
  }

  /// Adds one event; the same one again has no effect.
  ///
  /// - Parameters:
  ///   - account: the bytes of the account's key.
  ///   - feature: the bytes of the key of the feature that was used; nil if the account was only active.
  ///   - isOutOfOrder: whether later events were added before, so that it is kept even if it alters nothing now: it did as of then.
  ///   - known: what is stored already, the same for the whole batch.
  public mutating func add(
    account: UnsafeRawBufferPointer, feature: UnsafeRawBufferPointer?, at moment: Timestamp, storedAt: Timestamp,
    offset: Int64, isOutOfOrder: Bool = false, to known: borrowing Known
  ) {
    latest = max(latest ?? moment, moment)
    guard scopes.contains(where: { $0.offsets.contains(offset) && $0.span.contains(moment) }) else { return }
    let number = known.keys.number(of: account) ?? known.keys.count + newKeys.insert(account)
    let feature = feature.flatMap { features.number(of: $0) } ?? -1
    let row = row(of: number, known)
    for index in scopes.indices {
      let scope = scopes[index]
      guard scope.offsets.contains(offset), let day = scope.span.day(of: moment) else { continue }
      let change = AdoptionChange(
        account: number, isUse: scope.feature == feature, day: day,
        closingDay: max(day, scope.span.closingDay(storedAt: storedAt)), offset: offset)
      if days[row + index].lower(to: change) || isOutOfOrder { logs[index].append(change) }
    }
  }

  /// Where the days of an account begin in `days`.
  private mutating func row(of account: Int, _ known: borrowing Known) -> Int {
    if account >= rowOfAccount.count {
      let size = max(account + 1, known.keys.count)
      rowOfAccount.append(contentsOf: repeatElement(-1, count: size + 1_024 - rowOfAccount.count))
    }
    if rowOfAccount[account] < 0 {
      rowOfAccount[account] = Int32(rows)
      rows += 1
      for scope in scopes {
        days.append(scope.place < 0 ? Self.nothing : Days(known.columns[scope.place], account))
      }
    }
    return Int(rowOfAccount[account]) * targets.count
  }

  private static let nothing = Days(
    active: DayColumn.none, used: DayColumn.none, closingActive: DayColumn.none, closingUsed: DayColumn.none)
}

extension AdoptionBatch.Days {
  @inline(__always)
  fileprivate init(_ columns: borrowing AdoptionColumns, _ account: Int) {
    active = columns.active[account]
    used = columns.used[account]
    closingActive = columns.closing?.active[account] ?? active
    closingUsed = columns.closing?.used[account] ?? used
  }

  /// Applies a change.
  ///
  /// - Returns: whether it alters anything.
  @inline(__always)
  fileprivate mutating func lower(to change: AdoptionChange) -> Bool {
    let (day, closingDay) = (UInt16(truncatingIfNeeded: change.day), UInt16(truncatingIfNeeded: change.closingDay))
    var isNews = day < active || closingDay < closingActive
    if isNews {
      active = min(active, day)
      closingActive = min(closingActive, closingDay)
    }
    if change.isUse, day < used || closingDay < closingUsed {
      used = min(used, day)
      closingUsed = min(closingUsed, closingDay)
      isNews = true
    }
    return isNews
  }
}
