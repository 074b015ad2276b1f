public import LaunchModel

extension BusClient {
  /// Puts an event aside that a consumer could not process.
  @discardableResult
  public func quarantine(
    _ event: StoredEvent, consumer: String, fault: EventFault, attempts: Int, timeout: Duration = .seconds(5)
  ) async throws -> QuarantineEntry {
    let parameters = QuarantineAddParameters(
      consumer: consumer, offset: event.offset, code: fault.code, detail: fault.detail, attempts: attempts)
    // A second add of the same replaces the first.
    return try await client.callWithParts(
      BusRoutes.quarantineAdd, parameters, parts: [event.bytes], timeout: timeout, idempotent: true
    ).output
  }

  /// Lists what is in quarantine, with the bytes of each event.
  public func quarantined(
    _ filter: QuarantineListParameters = QuarantineListParameters(), timeout: Duration = .seconds(5)
  ) async throws -> [(entry: QuarantineEntry, event: [UInt8])] {
    let answer = try await client.callWithParts(BusRoutes.quarantineList, filter, timeout: timeout)
    return zip(answer.output.entries, answer.parts).map { ($0, $1) }
  }

  /// Takes events out of quarantine for good.
  @discardableResult
  public func discardQuarantined(_ ids: [Int64], timeout: Duration = .seconds(5)) async throws -> Int {
    try await client.callWithParts(
      BusRoutes.quarantineDiscard, QuarantineSelection(ids: ids), timeout: timeout, idempotent: true
    ).output.count
  }
}
