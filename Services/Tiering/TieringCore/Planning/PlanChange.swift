public import JSON
public import LaunchModel

/// Changes of a plan's fields.
public enum PlanChange {
  /// The plan's launch file with fields set: members of `facts`, `calendars` and `rollout` are merged, null omits a field or
  /// member again.
  ///
  /// - Throws: `invalid` for a field that is changed by another command.
  public static func document(_ plan: LaunchPlan, setting change: JSONValue) throws(Problem) -> JSONValue {
    guard case .object(let fields) = change else {
      throw .invalid("invalid-change", pointer: "/set", "this must be an object of fields, not \(change.kindName)")
    }
    guard case .object(var members) = try written(plan) else {
      throw .internalError("a launch plan was not written as an object")
    }
    for (key, value) in fields {
      switch key {
      case "launch", "id": throw .invalid("invalid-change", pointer: "/launch", "a launch keeps its id")
      case "date":
        throw .invalid("invalid-change", pointer: "/date", "a date is changed by launch reschedule")
      case "facts", "calendars", "rollout":
        let whole = merged(members[key], value)
        members[key] = whole == .null || whole == .object([:]) && key != "facts" ? nil : whole
      default: members[key] = value == .null ? nil : value
      }
    }
    return .object(members)
  }

  /// The fields that differ, as `owner` or `facts.audience`.
  public static func changed(from old: LaunchPlan, to new: LaunchPlan) throws(Problem) -> [String] {
    let (before, after) = (try written(old), try written(new))
    let fields = LaunchPlan.fields.filter { $0 != "facts" && before[$0] != after[$0] }
    let facts = Facts.fields.filter { before["facts"]?[$0] != after["facts"]?[$0] }
    return fields + facts.map { "facts.\($0)" }
  }

  private static func written(_ plan: LaunchPlan) throws(Problem) -> JSONValue {
    do {
      return try JSONCoding.value(plan)
    } catch {
      throw .internalError("a launch plan cannot be written: \(error)")
    }
  }

  private static func merged(_ old: JSONValue?, _ new: JSONValue) -> JSONValue {
    guard case .object(let changes) = new else { return new }
    var members = old?.objectValue ?? [:]
    for (key, value) in changes { members[key] = value == .null ? nil : value }
    return .object(members)
  }
}
