import Contract
import JSON
import LaunchModel

/// Checks the texts in parameters: their length, by the name of the member that contains them, and that they have no
/// U+0000.
///
/// The check is in one place for every method, so that no text can bypass it (contract.md, section 2).
enum ParameterTexts {
  private static let limits: [String: TextLimit] = [
    "text": .comment, "explanation": .comment, "outcome": .comment, "value": .comment, "reason": .remark,
    "note": .remark, "why": .remark, "description": .remark, "finding": .remark,
  ]

  /// Methods that only services call, with data that they have stored.
  private static let exempt: Set<String> = [ChecklistRoutes.preview.method]

  /// The maximum number of texts that an error names.
  private static let mostErrors = 20

  /// Refuses parameters with a text that is too long, or that no store can represent.
  ///
  /// - Throws: `invalid` with code `text-too-long` or `value-refused`, and the pointer of each such text.
  static func check(_ params: [UInt8], of method: String) throws {
    // Parameters shorter than the lowest limit cannot contain a text that exceeds it.
    let mayBeTooLong = params.count > TextLimit.line.bytes
    guard mayBeTooLong || NullCharacter.isEscaped(in: params), !exempt.contains(method) else { return }
    let value = try JSONValue(parsing: params)
    try NullCharacter.check(value)
    var errors: [FieldError] = []
    check(value, at: .root, named: "", &errors)
    guard errors.isEmpty else { throw Problem.invalid("text-too-long", title: "text too long", errors: errors) }
  }

  private static func check(
    _ value: JSONValue, at pointer: JSONPointer, named name: String, _ errors: inout [FieldError]
  ) {
    guard errors.count < mostErrors else { return }
    switch value {
    case .string(let text):
      let limit = limits[name] ?? .line
      guard !limit.allows(text) else { return }
      errors.append(
        FieldError(
          pointer: pointer.description,
          detail: "the text has \(text.utf8.count) bytes; the limit is \(limit.bytes). Shorten it, or link to it"))
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        check(element, at: pointer.appending("\(index)"), named: name, &errors)
      }
    case .object(let members):
      for (key, member) in members.sorted(by: { $0.key < $1.key }) {
        check(member, at: pointer.appending(key), named: key, &errors)
      }
    case .null, .bool, .integer, .number: return
    }
  }
}
