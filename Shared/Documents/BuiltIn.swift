public import JSON
public import LaunchModel

/// The documents that ship with gonogo. An organisation can adopt its own instead.
public enum BuiltIn {
  /// The checklist template, as YAML.
  public static let template: [UInt8] = PackageResources.template_yaml
  /// The tier policy, as YAML.
  public static let policy: [UInt8] = PackageResources.policy_yaml

  /// Parses the built-in template.
  public static func checklistTemplate() throws(Problem) -> ChecklistTemplate {
    let source = try SourceDocument(parsing: template, file: "template.yaml")
    do throws(Problem) {
      return try ChecklistTemplate(reading: source.value)
    } catch {
      throw source.locating(error)
    }
  }

  /// Parses the built-in tier policy as a JSON value, which the tiering service interprets.
  public static func policyDocument() throws(Problem) -> JSONValue {
    try SourceDocument(parsing: policy, file: "policy.yaml").value
  }

  /// The business-day calendars by key, such as `US` and `DE-BY`.
  public static let calendars: [String: CalendarDocument] = CalendarTable.read(PackageResources.calendars_csv)
}
