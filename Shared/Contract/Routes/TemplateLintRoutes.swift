public import JSON
public import LaunchModel

extension ChecklistRoutes {
  /// The errors of a template and its weak points: items that assert nothing, that no launch would get, or whose lead
  /// time exceeds their tier's minimum window, and people who are not on the roster. Stores nothing.
  public static let lintTemplate = Route<LintTemplate, TemplateLintReport>(.checklist, "template.lint", .read)
}

/// A template to check.
public struct LintTemplate: Codable, Sendable, Hashable {
  /// The template as written in its file; nil for the adopted one.
  public var document: JSONValue?

  public init(document: JSONValue? = nil) { self.document = document }
}

/// A problem found in a template.
public struct TemplateFinding: Codable, Sendable, Hashable {
  /// The severity of a finding; a template with an error cannot be adopted.
  public enum Severity: String, Codable, Sendable, Hashable, CaseIterable {
    case error, warning
  }

  /// The severity; a template with an error cannot be adopted.
  public var severity: Severity
  /// A stable identifier: `invalid`, `asserts-nothing`, `never-applies`, `exceeds-window`, `function-empty`, or the
  /// code of a broken reference, for example `approval-unreachable`.
  public var code: String
  /// The item's key, for example `launch-copy`; nil if the finding is not about one item, or if the item has no valid
  /// key.
  public var item: ItemKey?
  /// The JSON Pointer into the document, for example `/items/3/due`.
  public var pointer: String
  /// What is wrong and how to fix it, as a sentence for people.
  public var detail: String

  public init(_ severity: Severity, code: String, item: ItemKey? = nil, pointer: String, detail: String) {
    self.severity = severity
    self.code = code
    self.item = item
    self.pointer = pointer
    self.detail = detail
  }
}

/// The result of checking a template.
public struct TemplateLintReport: Codable, Sendable, Hashable {
  /// The number of items that were checked; 0 for a template with errors.
  public var items: Int
  /// The number of items that assert something when they are done.
  public var asserting: Int
  /// Only the errors if there are any, otherwise the warnings: by position in the document, then those about the
  /// roster.
  public var findings: [TemplateFinding]

  public init(items: Int, asserting: Int, findings: [TemplateFinding]) {
    self.items = items
    self.asserting = asserting
    self.findings = findings
  }
}
