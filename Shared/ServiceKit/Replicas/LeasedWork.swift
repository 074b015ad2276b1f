import Storage

/// The lease that a task works under.
///
/// Every change that the task makes by `ServiceEnvironment.change`, or that events make, beats the lease in its own transaction.
/// Where the lease is another's by then, nothing is committed and the task is told to end, by `CancellationError`.
enum LeasedWork {
  /// Nil in calls, which any replica may do.
  @TaskLocal static var lease: Lease?

  /// - Throws: `CancellationError` where the lease is lost.
  static func prove(_ lease: Lease?, _ transaction: any Transaction) throws {
    guard let lease, try !Leases.beat(lease, transaction) else { return }
    throw CancellationError()
  }
}
