public import LaunchModel

/// The data of `flag.changed`: a feature flag was turned on for another percentage of customers.
public struct FlagChanged: SignalPayload {
  public static let type = SignalType.flagChanged
  public static let summary = "A feature flag reaches another percentage of an environment."

  /// The flag.
  public let flag: String
  /// The percentage of customers who have it, 0 to 100.
  public let percentage: Double
  /// The environment, such as `production`; only exposure in production counts.
  public let environment: String

  public init(_ fields: inout SignalReader) throws(EventError) {
    flag = try fields.key("flag", "The flag.", example: "smart-routing")
    percentage = try fields.number(
      "percentage", in: 0...100,
      "The percentage of the environment that has the flag.", example: 25)
    environment = try fields.key("environment", "The environment; production is exposure.", example: "production")
  }
}

/// The data of `deploy.finished`: a deployment ended.
public struct DeployFinished: SignalPayload {
  public static let type = SignalType.deployFinished
  public static let summary = "A deployment ended."

  /// The service that was deployed.
  public let service: String
  /// How it ended, in the pipeline's words, such as `success`.
  public let outcome: String
  /// The version that was deployed; nil if the event omits it.
  public let version: String?
  /// The environment; nil if the event omits it.
  public let environment: String?
  /// The feature it belongs to; nil if the event omits it.
  public let feature: String?
  /// The launch it belongs to; nil if the event omits it.
  public let launch: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    service = try fields.key("service", "The service that was deployed.", example: "router")
    outcome = try fields.key("outcome", "How the deployment ended, as the pipeline names it.", example: "success")
    version = try fields.optionalKey("version", "The version that was deployed.", example: "4.2.1")
    environment = try fields.optionalKey("environment", "The environment.", example: "production")
    feature = try fields.optionalKey("feature", "The feature it belongs to.", example: "smart-routing")
    launch = try fields.optionalKey("launch", "The launch it belongs to.", example: "smart-routing")
  }
}

/// The data of `evidence.recorded`: a tool reports on an item of a launch's checklist.
public struct EvidenceRecorded: SignalPayload {
  public static let type = SignalType.evidenceRecorded
  public static let summary = "A tool reports that a checklist item passed or failed."

  /// The result that a tool reports for an item.
  public enum Outcome: String, Sendable, Hashable, CaseIterable {
    case passed, failed
  }

  /// The launch.
  public let launch: String
  /// The item's key in the template, such as `load-test`.
  public let item: String
  /// Whether the item passed.
  public let outcome: Outcome
  /// The item's instance: a locale, segment or deal stage; nil if the item has none.
  public let instance: String?
  /// What kind of evidence it is, in the tool's words; nil if the event omits it.
  public let kind: String?
  /// Where the evidence is; nil if the event omits it.
  public let url: String?
  /// The evidence's digest, such as `sha256:…`; nil if the event omits it.
  public let digest: String?
  /// The evidence as text; nil if the event omits it.
  public let text: String?
  /// The day it happened; nil for the event's own day.
  public let on: LocalDate?
  /// Who attended; nil if the event omits it.
  public let attended: [String]?
  /// Who presented; nil if the event omits it.
  public let presenter: String?
  /// The person that the item asks for; nil if the event omits it.
  public let person: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    launch = try fields.key("launch", "The launch.", example: "smart-routing")
    item = try fields.key("item", "The item's key in the checklist template.", example: "load-test")
    outcome = try fields.choice("outcome", "Whether the item passed.", example: Outcome.passed)
    instance = try fields.optionalKey("instance", "The item's locale, segment or deal stage.", example: "de")
    kind = try fields.optionalKey("kind", "The kind of evidence, as the tool names it.", example: "report")
    url = try fields.optionalText("url", "Where the evidence is.", example: "https://ci.example/runs/812")
    digest = try fields.optionalText("digest", "The evidence's digest.", example: "sha256:9f86d081")
    text = try fields.optionalText(
      "text", "The evidence in words.", example: "p99 of 180 ms at 2,000 requests a second")
    on = try fields.optionalDate("on", "The day it happened; the event's own day if missing.", example: "2027-02-19")
    attended = try fields.optionalKeys("attended", "Who attended.", example: ["jonas", "grace"])
    presenter = try fields.optionalKey("presenter", "Who presented; by default the actor.", example: "priya")
    person = try fields.optionalKey(
      "person",
      "The person that the item must name, for example who executes a rollback.", example: "lena")
  }
}
