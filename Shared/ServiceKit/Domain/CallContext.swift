import JSON
public import LaunchModel

/// Who calls, when, and what the call carries beside its parameters.
public struct CallContext: Sendable {
  /// Whom the roster takes the caller for.
  public let actor: Actor
  /// What the call carried as `_meta`; empty where it carried none.
  public let meta: CallMeta
  /// The service's clock when the call began; in a transaction, the transaction's own time.
  public internal(set) var now: Timestamp
  /// When the caller stops waiting.
  public let deadline: ContinuousClock.Instant
  /// What the service has around it.
  public let environment: ServiceEnvironment

  /// Makes sure that the caller has seen the current version, where it named one (`_meta.expectedVersion`).
  ///
  /// - Throws: `Problem` of kind `conflict` with code `version-conflict` and the members `expected` and `current`.
  public func requireVersion(_ current: Int) throws {
    guard let expected = meta.expectedVersion, expected != current else { return }
    throw Problem(
      .conflict, code: "version-conflict", title: "Somebody else changed it meanwhile",
      detail: "you saw version \(expected), and it now is version \(current): look again and repeat the change",
      extra: ["expected": .integer(Int64(expected)), "current": .integer(Int64(current))])
  }
}
