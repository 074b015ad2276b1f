public import LaunchModel

/// A method of a service: its name, whether it changes anything, and the types of its parameters and result.
///
/// Each service's routes are declared in one enum (`TieringRoutes`, `ChecklistRoutes`, …), shared by the service and
/// its callers.
public struct Route<Parameters: Codable & Sendable, Output: Codable & Sendable>: Sendable {
  /// The service that answers it.
  public let service: ServiceName
  /// The JSON-RPC method, for example `launch.propose`.
  public let method: String
  /// Whether it changes anything; reads can be repeated safely.
  public let access: Access

  /// Whether a method changes anything.
  public enum Access: Sendable, Hashable {
    case read, change
  }

  public init(_ service: ServiceName, _ method: String, _ access: Access) {
    self.service = service
    self.method = method
    self.access = access
  }
}

/// The parameters of a method that takes none.
public struct NoParameters: Codable, Sendable, Hashable {
  public init() {}
}

/// What any call may include in addition to its parameters, as `params._meta` (contract.md, section 2).
public struct CallMeta: Codable, Sendable, Hashable {
  /// How long the caller waits, in milliseconds; default 5,000.
  public var ttlMs: Int?
  /// A key of 1 to 256 bytes. Repeating a call with the same key within 24 h returns the first answer; nil for no such
  /// protection.
  public var idempotencyKey: String?
  /// The W3C trace context.
  public var traceparent: String?
  /// The version that the caller saw; the call fails with a conflict if it is no longer current.
  public var expectedVersion: Int?
  /// The person to act for; the principal needs a grant for it.
  public var onBehalfOf: PersonID?
  /// The bus offset that the service must have processed before it answers.
  public var after: Int64?

  public init(
    ttlMs: Int? = nil, idempotencyKey: String? = nil, traceparent: String? = nil, expectedVersion: Int? = nil,
    onBehalfOf: PersonID? = nil, after: Int64? = nil
  ) {
    self.ttlMs = ttlMs
    self.idempotencyKey = idempotencyKey
    self.traceparent = traceparent
    self.expectedVersion = expectedVersion
    self.onBehalfOf = onBehalfOf
    self.after = after
  }
}

/// What a service adds to the result of a change, beside the result's own members.
public struct ChangeNotes: Codable, Sendable, Hashable {
  /// False if the bus was unreachable: the change is stored and will be announced later. Nil if it was announced.
  public var announced: Bool?
  /// Warnings about the change, one sentence each; nil for none.
  public var warnings: [String]?

  public init(announced: Bool? = nil, warnings: [String]? = nil) {
    self.announced = announced
    self.warnings = warnings
  }
}
