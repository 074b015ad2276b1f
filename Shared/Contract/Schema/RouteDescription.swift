/// A method whose parameter and result types are available as values, for describing it in an OpenRPC document.
public struct RouteDescription: Sendable {
  /// The JSON-RPC method, for example `launch.propose`.
  public let method: String
  /// Whether it changes anything.
  public let isChange: Bool
  /// The type of `params`.
  public let parameters: any (Codable & Sendable).Type
  /// The type of `result`.
  public let output: any (Codable & Sendable).Type

  public init<Parameters, Output>(_ route: Route<Parameters, Output>) {
    method = route.method
    isChange = route.access == .change
    parameters = Parameters.self
    output = Output.self
  }
}
