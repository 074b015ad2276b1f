public import JSON

/// The documentation comments of the contract's declarations, for schemas that are written at run time.
///
/// `deploy/contracts` extracts them from the sources into `Comments/comments.json`, which is built into the library; a
/// test compares both.
public struct DocComments: Sendable, Hashable {
  /// The comments by `Type`, by `Type.member` and, for methods and event types, by their names on the wire.
  private let texts: [String: String]

  public init(_ texts: [String: String]) { self.texts = texts }

  /// The comments that the library was built with.
  public static let builtIn: DocComments = {
    // If parsing fails, schemas have no descriptions, which a test detects.
    guard let value = try? JSONValue(parsing: PackageResources.comments_json) else { return DocComments([:]) }
    return DocComments((value.objectValue ?? [:]).compactMapValues(\.stringValue))
  }()

  /// The comments as an object, as in the file.
  public var value: JSONValue { .object(texts.mapValues { .string($0) }) }

  /// Returns these comments merged with others, which take precedence.
  public func merging(_ others: DocComments) -> DocComments { DocComments(texts.merging(others.texts) { $1 }) }

  /// Returns the comments whose names satisfy the predicate.
  public func filter(_ isWanted: (String) -> Bool) -> DocComments { DocComments(texts.filter { isWanted($0.key) }) }

  /// The comment of a method or an event type.
  public subscript(name: String) -> String? { texts[name] }

  /// The comment of a type.
  func text(of type: SchemaName) -> String? { texts[type.commented] }

  /// The comment of a member; if the member comes from a folded type, the comment there.
  func text(of member: String, in object: JSONObjectShape) -> String? {
    object.commentedNames(of: member).lazy.compactMap { texts[$0] }.first
  }

  /// The comment of an enumeration's case.
  func text(ofCase name: String, in choice: JSONChoice) -> String? { texts["\(choice.name.commented).\(name)"] }

  /// The first example in a member's comment: the code after "for example" or "such as", or else the code with which
  /// the comment begins.
  func example(of member: String, in type: SchemaName) -> String? {
    guard let text = texts["\(type.commented).\(member)"] else { return nil }
    let named = text.firstMatch(of: /(?:for example|such as|as|e\.g\.) `([^`]+)`/)?.1
    return (named ?? text.prefixMatch(of: /`([^`]+)`/)?.1).map(String.init)
  }
}
