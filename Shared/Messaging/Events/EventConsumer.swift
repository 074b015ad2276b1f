public import Logging

/// Takes events from the bus and lets them have their effect, each once, in order, for ever.
public struct EventConsumer: Sendable {
  public let name: String
  /// Follows the offset, for `after`, and for lag figures.
  public let gate: OffsetGate

  /// - Parameters:
  ///   - name: by which the bus knows the consumer, as `metrics`.
  ///   - types: prefixes of types; none for all.
  public init(
    name: String, types: [String], bus: BusClient, effects: any EventEffects, gate: OffsetGate = OffsetGate(),
    logger: Logger
  ) {
    self.name = name
    self.gate = gate
  }

  /// Consumes until the task is cancelled, and then returns.
  public func run() async throws {}
}
