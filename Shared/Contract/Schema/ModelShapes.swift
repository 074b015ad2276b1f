public import JSON
public import LaunchModel

extension Facts: JSONShaped {
  public static var jsonShape: JSONShape {
    let unknown = JSONShape.value(["const": "unknown"])
    let audience = JSONShape.either([.choice(JSONChoice(Audience.self)), unknown])
    let flag = JSONShape.either([.value(["type": "boolean"]), unknown])
    return .object(
      JSONObjectShape(
        name: SchemaName(Facts.self), folded: [SchemaName(Flag.self)],
        members: [
          JSONObjectShape.Member("kinds", .list(.choice(JSONChoice(ChangeKind.self)))),
          JSONObjectShape.Member("audience", audience, reading: .optional, writing: .omitted),
        ]
          + Flag.allCases.map {
            JSONObjectShape.Member($0.rawValue, flag, reading: .optional, writing: .omitted)
          }))
  }
  public static var jsonExample: JSONValue {
    ["kinds": ["new-surface"], "audience": "subset", "changesWorkflow": true, "addsServerCompute": "unknown"]
  }
}

extension Problem: JSONShaped {
  public static var jsonShape: JSONShape {
    get throws {
      .object(
        JSONObjectShape(
          name: SchemaName(Problem.self),
          members: [
            JSONObjectShape.Member(
              "code", .value(["enum": .array(Kind.allCases.map { .integer(Int64($0.rawValue)) })])),
            JSONObjectShape.Member("message", .value(["type": "string"])),
            JSONObjectShape.Member("data", try ProblemData.jsonShape),
          ]))
    }
  }

  public static var jsonExample: JSONValue { complete.error }

  /// A problem with every member.
  fileprivate static let complete = Problem(
    .invalid, code: "invalid-launch", title: "The launch file has errors",
    detail: "/date: \"2027-02-30\" is not a date; expected a date such as 2027-03-02", retryable: false,
    retryAfterMs: 500, errors: [FieldError(pointer: "/date", line: 4, detail: "expected a date such as 2027-03-02")])
}

extension ProblemData: JSONShaped {
  /// The fields of `Problem`, and the members that follow from its kind.
  public static var jsonShape: JSONShape {
    get throws {
      let (full, bare) = (jsonExample.objectValue ?? [:], Problem(.busy, code: "busy", title: "busy").data)
      let members = try full.sorted { $0.key < $1.key }.map { key, value in
        let isRequired = bare[key] != nil
        return JSONObjectShape.Member(
          key,
          key == "errors" ? .list(try ShapeProbe().shape(of: FieldError.self)) : JSONShape(describing: value),
          reading: isRequired ? .required : .optional, writing: isRequired ? .always : .omitted)
      }
      return .object(
        JSONObjectShape(
          name: SchemaName(ProblemData.self), folded: [SchemaName(Problem.self)], members: members))
    }
  }

  public static var jsonExample: JSONValue { Problem.complete.data }
}

extension ItemResponse: JSONShaped {
  public static var jsonShape: JSONShape {
    get throws {
      let probe = ShapeProbe()
      return .either([try probe.shape(of: ItemDetail.self), try probe.shape(of: ItemResults.self)])
    }
  }

  public static var jsonExample: JSONValue { get throws { try ShapeProbe().example(of: ItemDetail.self) } }
}

extension JSONChoice {
  /// The values of an enumeration of strings.
  init<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) where Choice.RawValue == String {
    let cases = Array(Choice.allCases)
    self.init(
      name: SchemaName(type), values: cases.map { .string($0.rawValue) }, cases: cases.map { "\($0)" })
  }
}
