public import LaunchModel

/// A method of a service: its name, whether it changes anything, and the types of its parameters and result.
///
/// Each service's routes stand in one enum (`TieringRoutes`, `ChecklistRoutes`, …) that the service and its callers share.
public struct Route<Parameters: Codable & Sendable, Output: Codable & Sendable>: Sendable {
  /// The service that answers it.
  public let service: ServiceName
  /// The JSON-RPC method, as `launch.propose`.
  public let method: String
  /// Whether it changes anything; a read may be sent again without harm.
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

/// Parameters of a method that takes none.
public struct NoParameters: Codable, Sendable, Hashable {
  public init() {}
}

/// What any call may carry beside its parameters, as `params._meta` (contract.md, section 2).
public struct CallMeta: Codable, Sendable, Hashable {
  /// How long the caller waits, in milliseconds; default 5,000.
  public var ttlMs: Int?
  /// 1 to 256 bytes: the same again within 24 h gets the first answer; nil for no such safety.
  public var idempotencyKey: String?
  /// W3C trace context.
  public var traceparent: String?
  /// The version the caller saw: the call conflicts when it is no longer that.
  public var expectedVersion: Int?
  /// The person acted for, by principals that are granted it.
  public var onBehalfOf: PersonID?
  /// A bus offset that the service must have processed before it answers.
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
