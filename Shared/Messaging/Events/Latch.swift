/// Something that happens once, which any number of tasks can wait for.
public struct Latch: Sendable {
  /// 1 once it is open.
  private let opened = MonotonicCounter()

  public init() {}

  /// Whether it has happened.
  public var isOpen: Bool { opened.value > 0 }

  /// Resumes all waiters, and lets through whoever waits later.
  public func open() { opened.advance(to: 1) }

  /// Waits until it is open.
  ///
  /// - Returns: whether it opened before the deadline; without one it did.
  /// - Throws: `CancellationError`.
  @discardableResult
  public func wait(until deadline: ContinuousClock.Instant? = nil) async throws -> Bool {
    try await opened.wait(for: 1, until: deadline)
  }
}
