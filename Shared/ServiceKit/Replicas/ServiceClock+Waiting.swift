public import LaunchModel

extension ServiceClock {
  /// Waits until the clock is not behind data that another host may have written by its own, for 2 s at most.
  public func wait(for latest: Timestamp?) async throws {
    guard let latest else { return }
    let deadline = ContinuousClock.now + .seconds(2)
    while now() < latest, .now < deadline { try await Task.sleep(for: .milliseconds(50)) }
  }
}
