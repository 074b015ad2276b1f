import JSON
public import LaunchModel

extension RPCClient {
  /// Calls a method by its route with parts, and gives the parts of its answer.
  public func callWithParts<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    timeout: Duration = .seconds(5), idempotent: Bool = false
  ) async throws -> (output: Output, parts: [[UInt8]]) {
    let reply = try await call(
      method: route.method, params: try JSONCoding.encode(params), meta: meta, parts: parts, timeout: timeout,
      idempotent: idempotent || route.access == .read)
    do {
      return (try JSONCoding.decode(Output.self, from: reply.result), reply.parts)
    } catch {
      throw Problem(
        .internalError, code: "unexpected-result", title: "the answer is not what was expected",
        detail: "\(route.method): \(error); \(route.service.rawValue) may be of another version")
    }
  }
}
