public import JSON
public import LaunchModel

/// A type that encodes its own document: the members are its stored properties, except those that have their default
/// value.
private protocol DocumentShaped: JSONShaped {
  /// A document in which no field has its default value.
  static var complete: Self { get }
  /// A document with only its required fields.
  static var bare: Self { get }
  /// The document as written in files.
  var document: JSONValue { get }
}

extension DocumentShaped {
  /// The shape in which the members of the bare document are required and always written, and all others are optional.
  fileprivate static var storedShape: JSONShape {
    get throws {
      let required = bare.document
      let members = try Mirror(reflecting: complete).children.map { child in
        let key = child.label ?? ""
        let isRequired = required[key] != nil
        return JSONObjectShape.Member(
          key, try JSONShape.stored(type(of: child.value)), reading: isRequired ? .required : .optional,
          writing: isRequired ? .always : .omitted)
      }
      return .object(JSONObjectShape(name: SchemaName(Self.self), members: members))
    }
  }
}

extension JSONShape {
  /// The shape of a stored property, which may not be `Codable`.
  fileprivate static func stored(_ type: Any.Type) throws -> JSONShape {
    switch type {
    case let shaped as any JSONShaped.Type: return try shaped.jsonShape
    case let container as any StoredContainer.Type: return try container.storedShape
    case let decodable as any Decodable.Type: return try ShapeProbe().shape(of: decodable)
    default: throw ShapeError("\(type) has no JSON; make it JSONShaped")
    }
  }
}

/// A list, or an optional value.
private protocol StoredContainer {
  static var storedShape: JSONShape { get throws }
}

extension Array: StoredContainer {
  fileprivate static var storedShape: JSONShape { get throws { .list(try JSONShape.stored(Element.self)) } }
}

extension Optional: StoredContainer {
  fileprivate static var storedShape: JSONShape { get throws { try JSONShape.stored(Wrapped.self) } }
}

extension ChecklistTemplate: DocumentShaped {
  public static var jsonShape: JSONShape { get throws { try storedShape } }
  public static var jsonExample: JSONValue { complete.document }

  fileprivate static var complete: ChecklistTemplate {
    ChecklistTemplate(version: 3, items: [.complete, .bare], owners: ["support": "grace"])
  }
  fileprivate static var bare: ChecklistTemplate { ChecklistTemplate(version: 3, items: [.complete, .bare]) }
}

extension TemplateItem: DocumentShaped {
  public static var jsonShape: JSONShape { get throws { try storedShape } }
  public static var jsonExample: JSONValue { complete.document }

  fileprivate static var complete: TemplateItem {
    TemplateItem(
      key: "kb-article", title: "Knowledge-base article", section: "Support readiness", function: .support,
      tiers: [.launchEvent, .major], ownerRole: "support-lead", due: DueRule(offset: -5, unit: .business),
      gate: .advisory, when: .any([.flag(.changesWorkflow), .kinds([.newSurface])]), expand: .locales,
      approvals: [ApprovalRule(group: "legal"), ApprovalRule(group: "support", quorum: 2)], review: true,
      requires: [.evidence([.link, .text(characters: 40)]), .people([.cs, .support])],
      completedBy: CompletionRule(
        type: SignalType.articlePublished.rawValue, where: ["/data/locale": "{locale}", "/data/feature": "{feature}"]),
      dependencies: ["qa"], shelfLifeDays: 30, strict: true, phase: .launchDay,
      guidance: "The article answers the first question that customers ask, with a screenshot of each step.",
      why: "After the last launch, customers searched for it and found nothing.")
  }

  fileprivate static var bare: TemplateItem {
    TemplateItem(
      key: "qa", title: "Quality assurance", section: "Product readiness", function: .engineering,
      tiers: Tier.allCases, due: DueRule(offset: -10, unit: .business), why: "Every launch needs it.")
  }
}

extension TemplateChange: DocumentShaped {
  public static var jsonShape: JSONShape { get throws { try storedShape } }
  public static var jsonExample: JSONValue { complete.document }

  fileprivate static var complete: TemplateChange {
    TemplateChange(baseVersion: 3, add: [.complete], replace: [.bare], remove: ["press-kit"])
  }
  fileprivate static var bare: TemplateChange { TemplateChange(baseVersion: 3) }
}

extension FactCondition: JSONShaped {
  /// A condition contains conditions of the same shape, which a definition that refers to itself would express.
  public static var jsonShape: JSONShape {
    .either([
      .choice(JSONChoice(Flag.self)),
      .object(
        JSONObjectShape(
          name: SchemaName(FactCondition.self),
          members: [
            JSONObjectShape.Member(
              "kinds", .list(.choice(JSONChoice(ChangeKind.self))), reading: .optional, writing: .omitted),
            JSONObjectShape.Member(
              "audience", .list(.choice(JSONChoice(Audience.self))), reading: .optional, writing: .omitted),
            JSONObjectShape.Member("all", .list(.any), reading: .optional, writing: .omitted),
            JSONObjectShape.Member("any", .list(.any), reading: .optional, writing: .omitted),
            JSONObjectShape.Member("not", .any, reading: .optional, writing: .omitted),
          ])),
    ])
  }
  public static var jsonExample: JSONValue { "changesWorkflow" }
}

extension Requirement: JSONShaped {
  /// An object that has exactly one of these members, or several of the first four.
  public static var jsonShape: JSONShape {
    let given = JSONShape.nullable(.value(["type": "boolean"]))
    return .object(
      JSONObjectShape(
        name: SchemaName(Requirement.self), folded: [SchemaName(EvidenceForm.self)],
        members: [
          JSONObjectShape.Member("link", given, reading: .optional, writing: .omitted),
          JSONObjectShape.Member(
            "text", .nullable(.value(["type": "integer"])), reading: .optional, writing: .omitted),
          JSONObjectShape.Member("file", given, reading: .optional, writing: .omitted),
          JSONObjectShape.Member("event", given, reading: .optional, writing: .omitted),
          JSONObjectShape.Member("person", .value(["type": "string"]), reading: .optional, writing: .omitted),
          JSONObjectShape.Member(
            "people", .list(.choice(JSONChoice(LaunchFunction.self))), reading: .optional, writing: .omitted),
          JSONObjectShape.Member(
            "field", .choice(JSONChoice(RequiredField.self)), reading: .optional, writing: .omitted),
          JSONObjectShape.Member("date", .choice(JSONChoice(RequiredDay.self)), reading: .optional, writing: .omitted),
          JSONObjectShape.Member("shifts", .value(["type": "integer"]), reading: .optional, writing: .omitted),
        ]))
  }
  public static var jsonExample: JSONValue { ["link": true, "text": 40] }
}

extension ApprovalRule: JSONShaped {
  /// An object, or a group's name, which stands for that group with a quorum of 1.
  public static var jsonShape: JSONShape {
    .either([
      .value(["type": "string"]),
      .object(
        JSONObjectShape(
          name: SchemaName(ApprovalRule.self),
          members: [
            JSONObjectShape.Member("group", .value(["type": "string"])),
            JSONObjectShape.Member("quorum", .value(["type": "integer"]), reading: .optional),
          ])),
    ])
  }
  public static var jsonExample: JSONValue { "legal" }
}

extension CompletionRule: JSONShaped {
  public static var jsonShape: JSONShape {
    .object(
      JSONObjectShape(
        name: SchemaName(CompletionRule.self),
        members: [
          JSONObjectShape.Member("type", .value(["type": "string"])),
          JSONObjectShape.Member("where", .map(.any), reading: .optional, writing: .omitted),
        ]))
  }
  public static var jsonExample: JSONValue { ["type": .string(SignalType.articlePublished.rawValue)] }
}
