import ArgumentParser
import Documents
import JSON
import LaunchModel

/// `field=value` of a command line: a path of names and a value in YAML, as `facts.audience=most`.
struct FieldAssignment: ExpressibleByArgument, Sendable, Hashable {
  var path: [String]
  var value: JSONValue

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "=") else { return nil }
    path = argument[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard !path.contains("") else { return nil }
    let text = argument[argument.index(after: equals)...]
    if text.allSatisfy({ $0 == " " }) {
      value = .null
    } else {
      // ArgumentParser reports the argument and the form expected; it accepts no reason.
      guard let source = try? SourceDocument(parsing: Array(text.utf8), file: argument) else { return nil }
      value = source.value
    }
  }

  /// The object that the assignments describe together.
  ///
  /// - Throws: `GatewayError` where a field is given twice, or as a value and as an object.
  static func object(of assignments: [FieldAssignment]) throws(GatewayError) -> JSONValue {
    var object: JSONValue = .object([:])
    for assignment in assignments {
      guard let extended = object.setting(assignment.path[...], to: assignment.value) else {
        throw GatewayError(.usage, "\(assignment.path.joined(separator: ".")) is given more than once")
      }
      object = extended
    }
    return object
  }
}

extension JSONValue {
  /// With the value put at the path; nil where there is something already.
  fileprivate func setting(_ path: ArraySlice<String>, to value: JSONValue) -> JSONValue? {
    guard case .object(var members) = self, let name = path.first else { return nil }
    let rest = path.dropFirst()
    if rest.isEmpty {
      guard members[name] == nil else { return nil }
      members[name] = value
    } else {
      guard let inner = (members[name] ?? .object([:])).setting(rest, to: value) else { return nil }
      members[name] = inner
    }
    return .object(members)
  }
}
