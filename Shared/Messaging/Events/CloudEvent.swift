public import JSON
public import LaunchModel

/// A CloudEvents 1.0 event in structured JSON.
public struct CloudEvent: Sendable, Hashable {
  /// Unique within its source; the same pair again is a duplicate.
  public var id: String
  /// The URI reference of what it comes from, as `/gonogo/tiering`.
  public var source: String
  /// As `dev.gonogo.launch.proposed.v1`.
  public var type: String
  /// What it is about, as the launch's id; nil for nothing in particular.
  public var subject: String?
  /// When it happened; a missing one means when it was stored.
  public var time: Timestamp?
  /// The attribute `datacontenttype`; nil leaves it out, which means JSON.
  public var dataContentType: String?
  /// The attribute `dataschema`, a URI; nil leaves it out.
  public var dataSchema: String?
  /// The payload; `data_base64` is kept among the extensions as it came.
  public var data: JSONValue?
  /// All other attributes.
  public var extensions: [String: JSONValue]

  public init(
    id: String, source: String, type: String, subject: String? = nil, time: Timestamp? = nil,
    dataContentType: String? = "application/json", dataSchema: String? = nil, data: JSONValue? = nil,
    extensions: [String: JSONValue] = [:]
  ) {
    self.id = id
    self.source = source
    self.type = type
    self.subject = subject
    self.time = time
    self.dataContentType = dataContentType
    self.dataSchema = dataSchema
    self.data = data
    self.extensions = extensions
  }
}
