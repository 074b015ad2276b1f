public import JSON

/// The differences between two checklist templates, item by item and field by field.
public struct TemplateDiff: Codable, Sendable, Hashable {
  /// A field of an item before and after; a field omitted from the file has its default.
  public struct FieldChange: Codable, Sendable, Hashable {
    /// The field's name as in a template file, for example `due`.
    public var field: String
    /// The value before, for example `5 business days before`; nil if there is none.
    public var from: JSONValue?
    /// The value after; nil if there is none.
    public var to: JSONValue?

    public init(field: String, from: JSONValue?, to: JSONValue?) {
      self.field = field
      self.from = from
      self.to = to
    }
  }

  /// An item that both templates have, with different content.
  public struct ChangedItem: Codable, Sendable, Hashable {
    /// The item's key in both templates.
    public var key: ItemKey
    /// The item's title after the change, for example `Load test`.
    public var title: String
    /// The fields that differ, in the order of a template file; at least one.
    public var changes: [FieldChange]

    public init(key: ItemKey, title: String, changes: [FieldChange]) {
      self.key = key
      self.title = title
      self.changes = changes
    }
  }

  /// The earlier version.
  public var from: Int
  /// The later version; nil for a file, and for a proposal that has not been adopted.
  public var to: Int?
  /// The items that only the later template has, in its order.
  public var added: [TemplateItem]
  /// The items that only the earlier template has, in its order.
  public var removed: [TemplateItem]
  /// The items that differ, in the order of the later template.
  public var changed: [ChangedItem]
  /// The number of items that are the same in both.
  public var unchanged: Int
  /// Whether the items in both templates are in a different order.
  public var reordered: Bool
  /// The functions whose default owner differs, each as a field with the owner before and after; nil if there are none.
  public var owners: [FieldChange]?

  /// Compares two templates.
  ///
  /// - Parameter version: the later version; nil if `next` has not been adopted.
  public init(from template: ChecklistTemplate, to next: ChecklistTemplate, version: Int?) {
    let before = Dictionary(template.items.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let after = Set(next.items.map(\.key))
    from = template.version
    to = version
    added = next.items.filter { before[$0.key] == nil }
    removed = template.items.filter { !after.contains($0.key) }
    changed = next.items.compactMap { item in
      guard let earlier = before[item.key], earlier != item else { return nil }
      return ChangedItem(key: item.key, title: item.title, changes: item.changes(since: earlier))
    }
    unchanged = next.items.count - added.count - changed.count
    let kept = template.items.map(\.key).filter(after.contains)
    reordered = kept != next.items.map(\.key).filter { before[$0] != nil }
    let functions = LaunchFunction.allCases.map(\.rawValue).filter { template.owners[$0] != next.owners[$0] }
    let changes = functions.map { function in
      FieldChange(
        field: function, from: template.owners[function].map { .string($0) },
        to: next.owners[function].map { .string($0) })
    }
    owners = changes.isEmpty ? nil : changes
  }

  /// Whether the templates have the same items in the same order, and the same owners.
  public var isEmpty: Bool {
    added.isEmpty && removed.isEmpty && changed.isEmpty && !reordered && owners == nil
  }
}

extension TemplateItem {
  /// Returns the fields in which the item differs from an earlier form of it, in the order of a template file.
  public func changes(since earlier: TemplateItem) -> [TemplateDiff.FieldChange] {
    let (before, after) = (earlier.completeDocument, completeDocument)
    return Self.fields.compactMap { field in
      let (old, new) = (before[field], after[field])
      return old == new ? nil : TemplateDiff.FieldChange(field: field, from: old, to: new)
    }
  }

  /// The item's fields, including defaults that its file omits.
  private var completeDocument: [String: JSONValue] {
    let defaults: [String: JSONValue] = [
      "gate": .string(GateKind.blocking.rawValue), "phase": .string(ItemPhase.before.rawValue), "review": false,
      "strict": false, "approvals": .array([]), "evidence": .array([]), "dependencies": .array([]),
    ]
    return defaults.merging(document.objectValue ?? [:]) { _, given in given }
  }
}
