public import Contract
public import JSON
public import LaunchModel

/// Finds weaknesses of a template that do not prevent its adoption.
public struct TemplateInspection {
  private let template: ChecklistTemplate
  private let roster: Roster?

  /// Returns all findings for a template as written in its file.
  ///
  /// - Parameter roster: the adopted roster; nil before a roster is adopted, when people are not checked.
  public static func report(onReading document: JSONValue, roster: Roster?) -> TemplateLintReport {
    do throws(Problem) {
      return report(on: try ChecklistTemplate(reading: document), roster: roster)
    } catch {
      let findings = error.errors.map { error in
        TemplateFinding(
          .error, code: "invalid", item: Self.item(at: error.pointer, in: document), pointer: error.pointer,
          detail: error.detail)
      }
      return TemplateLintReport(items: 0, asserting: 0, findings: findings)
    }
  }

  /// Returns all findings for an adopted template.
  public static func report(on template: ChecklistTemplate, roster: Roster?) -> TemplateLintReport {
    let inspection = TemplateInspection(template: template, roster: roster)
    let own = template.items.enumerated().flatMap { inspection.findings(for: $0.element, at: $0.offset) }
    return TemplateLintReport(
      items: template.items.count, asserting: template.items.count(where: \.assertsSomething),
      findings: own + inspection.references)
  }

  /// Returns the key of the item that a pointer leads into, as written in the document.
  private static func item(at pointer: String, in document: JSONValue) -> ItemKey? {
    let tokens = JSONPointer(pointer)?.tokens ?? []
    guard tokens.count >= 2, tokens[0] == "items" else { return nil }
    return document[JSONPointer(tokens: [tokens[0], tokens[1], "key"])]?.stringValue
  }

  private func findings(for item: TemplateItem, at index: Int) -> [TemplateFinding] {
    [assertion(of: item, at: index), reach(of: item, at: index)].compactMap(\.self) + windows(of: item, at: index)
      + attendees(of: item, at: index)
  }

  private func assertion(of item: TemplateItem, at index: Int) -> TemplateFinding? {
    guard !item.assertsSomething else { return nil }
    let how =
      item.requires == nil
      ? "state what it requires, for example requires: [{link, text: 40}], or set evidence: none if ticking it is "
        + "enough"
      : "the template sets evidence: none"
    return warning("asserts-nothing", item, index, nil, "\(item.key) asserts nothing when it is done; \(how)")
  }

  private func reach(of item: TemplateItem, at index: Int) -> TemplateFinding? {
    guard let condition = item.applicability, !condition.isSatisfiable else { return nil }
    return warning(
      "never-applies", item, index, "when",
      "\(item.key) applies to no launch: no combination of facts meets \(condition); correct the condition or remove "
        + "the item")
  }

  /// Returns findings for tiers whose minimum window is shorter than the item's lead time: in such a tier, the item
  /// makes a launch late that was proposed in time.
  private func windows(of item: TemplateItem, at index: Int) -> [TemplateFinding] {
    let lead = -item.due.nominalDays
    let short = item.tiers.filter { $0 < .minor && Double($0.minimumWindowDays) < lead }
    guard let window = short.map(\.minimumWindowDays).min() else { return [] }
    let tiers = short.map { String($0.rawValue) }.joined(separator: " and ")
    return [
      warning(
        "exceeds-window", item, index, "due",
        "\(item.key) is due \(item.due), but a launch of tier \(tiers) may be planned only \(window) days ahead; make "
          + "it due later, or expect shortfalls")
    ]
  }

  /// Returns findings for functions that have to attend but have nobody on the roster.
  private func attendees(of item: TemplateItem, at index: Int) -> [TemplateFinding] {
    guard let roster, !roster.isEmpty else { return [] }
    let empty = Set(item.requiredAttendees).sorted().filter { function in
      !roster.people.values.contains { $0.functions.contains(function) }
    }
    return empty.map { function in
      warning(
        "function-empty", item, index, "requires",
        "\(item.key) needs an attendee from \(function.title), which has nobody on the roster")
    }
  }

  /// Findings for references of the template to people or groups that are not on the roster.
  private var references: [TemplateFinding] {
    guard let roster else { return [] }
    return ReferenceCheck.faults(of: template, on: roster).map { fault in
      let index = template.items.firstIndex { $0.key == fault.item }
      let field =
        switch fault.code {
        case .roleVacant: "ownerRole"
        default: "approvals"
        }
      let owners = fault.function.map { "/owners/\($0.rawValue)" } ?? ""
      return TemplateFinding(
        .warning, code: fault.code.rawValue, item: fault.item,
        pointer: index.map { "/items/\($0)/\(field)" } ?? owners, detail: fault.detail)
    }
  }

  private func warning(
    _ code: String, _ item: TemplateItem, _ index: Int, _ field: String?, _ detail: String
  ) -> TemplateFinding {
    TemplateFinding(
      .warning, code: code, item: item.key, pointer: "/items/\(index)" + (field.map { "/\($0)" } ?? ""), detail: detail)
  }
}
