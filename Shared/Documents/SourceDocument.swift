public import JSON
public import LaunchModel

/// A document as a person wrote it, YAML or JSON, with the line on which each of its fields stands.
///
/// YAML is read by the 1.2 core schema: `no` and `2027-03-02` are texts, `true` and `5` are not, quoted scalars are texts.
/// A byte order mark at the start is skipped. Duplicate keys are refused, as are several documents in one file.
public struct SourceDocument: Sendable {
  /// The file's name, for messages.
  public let file: String
  /// What it says, with JSON's types whichever format it was written in.
  public let value: JSONValue
  /// Lines from 1, by JSON Pointer.
  private let lines: [String: Int]

  /// Reads a document.
  ///
  /// - Throws: `invalid` with the line of what cannot be read.
  public init(parsing bytes: [UInt8], file: String) throws(Problem) {
    self.file = file
    guard bytes.count <= Self.maximumBytes else {
      throw .tooLarge("\(file) has \(bytes.count) bytes; a document has at most \(Self.maximumBytes)")
    }
    do throws(SourceFault) {
      let isMarked = bytes.starts(with: Self.byteOrderMark)
      (value, lines) = try Self.read(isMarked ? Array(bytes.dropFirst(Self.byteOrderMark.count)) : bytes, file)
    } catch {
      throw Self.problem(error, file)
    }
  }

  /// 4 MiB.
  public static let maximumBytes = 4 << 20

  /// What some editors write before UTF-8 text.
  public static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  /// The line of a field, or of the nearest thing around it that is there.
  public func line(of pointer: String) -> Int? {
    var tokens = JSONPointer(pointer)?.tokens ?? []
    while true {
      if let line = lines[JSONPointer(tokens: tokens).description] { return line }
      guard tokens.popLast() != nil else { return nil }
    }
  }

  /// The problem with the file's name, and with the line of each fault, by which they are ordered.
  public func locating(_ problem: Problem) -> Problem {
    guard !problem.errors.isEmpty else { return problem }
    var located = problem
    let faults = problem.errors.map { fault in
      FieldFault(pointer: fault.pointer, line: fault.line ?? line(of: fault.pointer), detail: fault.detail)
    }
    located.errors = faults.enumerated().sorted {
      ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset)
    }.map(\.element)
    located.extra["file"] = .string(file)
    return located
  }

  private static func read(_ bytes: [UInt8], _ file: String) throws(SourceFault) -> (JSONValue, [String: Int]) {
    if file.hasSuffix(".json") { return try JSONSource.read(bytes) }
    let first = bytes.first { !(0x09...0x0d).contains($0) && $0 != 0x20 }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "["), let json = try? JSONSource.read(bytes) { return json }
    return try YAMLSource.read(bytes)
  }

  private static func problem(_ fault: SourceFault, _ file: String) -> Problem {
    var problem = Problem.invalid(
      "unreadable-document", title: "the document cannot be read",
      errors: [FieldFault(pointer: fault.pointer, line: fault.line, detail: fault.detail)])
    problem.extra["file"] = .string(file)
    return problem
  }
}

/// Why a document cannot be read, and where.
struct SourceFault: Error {
  var line: Int?
  var pointer = ""
  var detail: String
}
