import LaunchModel

extension LogBounds {
  /// The first offset stored at that time or later, found by halving; the newest plus one where there is none.
  func firstOffset(
    storedSince time: Timestamp, _ storedAt: (Int64) throws(LogFault) -> Timestamp?
  ) throws(LogFault) -> Int64 {
    var (low, high) = (first, head + 1)
    while low < high {
      let middle = low + (high - low) / 2
      guard let found = try storedAt(middle) else { throw .corrupt(offset: middle) }
      if found < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
