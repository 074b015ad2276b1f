/// An event that happens once, for which any number of tasks can wait.
public struct Latch: Sendable {
  /// The value 1 means open.
  private let opened = MonotonicCounter()

  public init() {}

  /// Whether it is open.
  public var isOpen: Bool { opened.value > 0 }

  /// Opens it and resumes all waiters; later waits return at once.
  public func open() { opened.advance(to: 1) }

  /// Waits until it is open.
  ///
  /// - Returns: whether it opened before the deadline; always true without a deadline.
  /// - Throws: `CancellationError`.
  @discardableResult
  public func wait(until deadline: ContinuousClock.Instant? = nil) async throws -> Bool {
    try await opened.wait(for: 1, until: deadline)
  }
}
