public import JSON
public import LaunchModel

extension ChecklistRoutes {
  /// Errors of a template, and what it leaves to chance: items that assert nothing, that no launch gets or that are due
  /// before a launch of their tier may be proposed, and people who are not on the roster. Stores nothing.
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
  /// How serious a finding is; a template with an error cannot be adopted.
  public enum Severity: String, Codable, Sendable, Hashable, CaseIterable {
    case error, warning
  }

  /// Whether the template can be adopted with it.
  public var severity: Severity
  /// A stable identifier: `invalid`, `asserts-nothing`, `never-applies`, `exceeds-window`, `function-empty`, or the code of
  /// a reference that leads nowhere, for example `approval-unreachable`.
  public var code: String
  /// The item's key, for example `launch-copy`; nil if it is not about one item, or the item has no valid key.
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
  /// The number of items whose completion asserts something.
  public var asserting: Int
  /// Errors alone if there are any, else warnings; by position in the document, then those about the roster.
  public var findings: [TemplateFinding]

  public init(items: Int, asserting: Int, findings: [TemplateFinding]) {
    self.items = items
    self.asserting = asserting
    self.findings = findings
  }
}
