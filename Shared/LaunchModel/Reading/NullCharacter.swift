public import JSON

/// The character U+0000, which no text in a document or call may contain: PostgreSQL cannot store it, and SQLite
/// returns only the text before it.
public enum NullCharacter {
  /// The maximum number of errors that are reported together.
  private static let mostErrors = 20

  /// Refuses a document or parameters that contain the character in a text or in a field's name.
  ///
  /// - Throws: `invalid` with code `value-refused` and the pointer of each occurrence, at most 20.
  public static func check(_ value: JSONValue) throws(Problem) {
    var errors: [FieldError] = []
    search(value, at: .root, &errors)
    guard errors.isEmpty else {
      throw .invalid("value-refused", title: "a value cannot be stored", errors: errors)
    }
  }

  /// Returns whether a JSON text contains the escape `\u0000`; if not, none of its strings contains the character.
  public static func isEscaped(in json: [UInt8]) -> Bool {
    let escape = Array(#"\u0000"#.utf8)
    return json.indices.contains { json[$0] == escape[0] && json[$0...].starts(with: escape) }
  }

  private static func search(_ value: JSONValue, at pointer: JSONPointer, _ errors: inout [FieldError]) {
    guard errors.count < mostErrors else { return }
    switch value {
    case .string(let text):
      if text.utf8.contains(0) {
        errors.append(FieldError(pointer: pointer.description, detail: "the text contains \(fault)"))
      }
    case .array(let elements):
      for (index, element) in elements.enumerated() { search(element, at: pointer.appending("\(index)"), &errors) }
    case .object(let members):
      for (key, member) in members.sorted(by: { $0.key < $1.key }) {
        let field = pointer.appending(key)
        if key.utf8.contains(0) {
          errors.append(FieldError(pointer: field.description, detail: "the name of the field contains \(fault)"))
        }
        search(member, at: field, &errors)
      }
    case .null, .bool, .integer, .number: return
    }
  }

  private static let fault = "the character U+0000, which cannot be stored; remove it"
}
