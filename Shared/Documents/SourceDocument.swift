public import JSON
public import LaunchModel

/// A YAML or JSON document with the line number of each of its fields.
///
/// YAML follows the 1.2 core schema: `no` and `2027-03-02` are strings, `true` and `5` are not; quoted scalars are
/// strings. A byte order mark is skipped. Duplicate keys and multiple documents in one file are rejected.
public struct SourceDocument: Sendable {
  /// The file's name, for messages.
  public let file: String
  /// The content, with JSON's types for both formats.
  public let value: JSONValue
  /// The line numbers, from 1, by JSON Pointer.
  private let lines: [String: Int]

  /// Parses a document.
  ///
  /// - Throws: `invalid` with the line of the syntax error, or of each text that contains U+0000; `tooLarge` beyond
  ///   `maximumBytes`.
  public init(parsing bytes: [UInt8], file: String) throws(Problem) {
    self.file = file
    guard bytes.count <= Self.maximumBytes else {
      throw .tooLarge("\(file) is \(bytes.count) bytes long; the maximum for a document is \(Self.maximumBytes)")
    }
    do throws(SourceError) {
      let isMarked = bytes.starts(with: Self.byteOrderMark)
      (value, lines) = try Self.read(isMarked ? Array(bytes.dropFirst(Self.byteOrderMark.count)) : bytes, file)
    } catch {
      throw Self.problem(error, file)
    }
    do throws(Problem) { try NullCharacter.check(value) } catch { throw locating(error) }
  }

  /// The maximum size of a document in bytes: 4 MiB.
  public static let maximumBytes = 4 << 20

  /// The UTF-8 byte order mark, which some editors write at the start of a file.
  public static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  /// Returns the line of a field or, if the field is missing, of its nearest existing ancestor.
  public func line(of pointer: String) -> Int? {
    var tokens = JSONPointer(pointer)?.tokens ?? []
    while true {
      if let line = lines[JSONPointer(tokens: tokens).description] { return line }
      guard tokens.popLast() != nil else { return nil }
    }
  }

  /// Returns the problem with the file's name and the line added to each error, and the errors sorted by line.
  public func locating(_ problem: Problem) -> Problem {
    guard !problem.errors.isEmpty else { return problem }
    var located = problem
    let faults = problem.errors.map { fault in
      FieldError(pointer: fault.pointer, line: fault.line ?? line(of: fault.pointer), detail: fault.detail)
    }
    located.errors = faults.enumerated().sorted {
      ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset)
    }.map(\.element)
    located.extra["file"] = .string(file)
    return located
  }

  private static func read(_ bytes: [UInt8], _ file: String) throws(SourceError) -> (JSONValue, [String: Int]) {
    if file.hasSuffix(".json") { return try JSONSource.read(bytes) }
    let first = bytes.first { !(0x09...0x0d).contains($0) && $0 != 0x20 }
    // A text that only looks like JSON may still be YAML in flow style; the YAML parser then reports any error.
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "["), let json = try? JSONSource.read(bytes) { return json }
    return try YAMLSource.read(bytes)
  }

  private static func problem(_ fault: SourceError, _ file: String) -> Problem {
    var problem = Problem.invalid(
      "unreadable-document", title: "the document cannot be parsed",
      errors: [FieldError(pointer: fault.pointer, line: fault.line, detail: fault.detail)])
    problem.extra["file"] = .string(file)
    return problem
  }
}

/// A syntax error in a document, with its position.
struct SourceError: Error {
  var line: Int?
  var pointer = ""
  var detail: String
}

/// Parses JSON and records the lines of its fields.
enum JSONSource {
  static func read(_ bytes: [UInt8]) throws(SourceError) -> (JSONValue, [String: Int]) {
    do throws(JSONError) {
      let value = try JSONValue(parsing: bytes)
      return (value, try lines(bytes))
    } catch {
      let line = bytes.prefix(error.offset).count { $0 == 0x0a } + 1
      throw SourceError(line: line, pointer: error.pointer, detail: error.detail)
    }
  }

  private static func lines(_ bytes: [UInt8]) throws(JSONError) -> [String: Int] {
    var lines: [String: Int] = [:]
    var failure: JSONError?
    bytes.withUnsafeBufferPointer { buffer in
      var walk = Walk(buffer)
      do throws(JSONError) {
        try walk.value(try walk.scanner.next(), at: .root)
        lines = walk.lines
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return lines
  }

  /// Traverses the tokens of a text that has already been parsed, to record lines.
  private struct Walk: ~Copyable {
    let bytes: UnsafeBufferPointer<UInt8>
    var scanner: JSONScanner
    var lines: [String: Int] = [:]
    private var line = 1
    private var counted = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
      self.bytes = bytes
      scanner = JSONScanner(bytes)
    }

    mutating func value(_ token: JSONScanner.Token, at pointer: JSONPointer) throws(JSONError) {
      if lines[pointer.description] == nil { lines[pointer.description] = currentLine() }
      switch token {
      case .beginObject:
        while case .key(let key) = try scanner.next() {
          let member = pointer.appending(scanner.text(key))
          lines[member.description] = currentLine()
          try value(try scanner.next(), at: member)
        }
      case .beginArray:
        var index = 0
        while true {
          let element = try scanner.next()
          if case .endArray = element { return }
          try value(element, at: pointer.appending("\(index)"))
          index += 1
        }
      default: return
      }
    }

    /// Returns the line of the byte before the scanner's offset.
    private mutating func currentLine() -> Int {
      while counted < scanner.offset {
        if bytes[counted] == 0x0a { line += 1 }
        counted += 1
      }
      return line
    }
  }
}
