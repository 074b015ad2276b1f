internal import JSON

/// Reads JSON with the lines of its fields.
enum JSONSource {
  static func read(_ bytes: [UInt8]) throws(SourceFault) -> (JSONValue, [String: Int]) {
    do throws(JSONError) {
      let value = try JSONValue(parsing: bytes)
      return (value, try lines(bytes))
    } catch {
      let line = bytes.prefix(error.offset).count { $0 == 0x0a } + 1
      throw SourceFault(line: line, pointer: error.pointer, detail: error.detail)
    }
  }

  private static func lines(_ bytes: [UInt8]) throws(JSONError) -> [String: Int] {
    var lines: [String: Int] = [:]
    var failure: JSONError?
    bytes.withUnsafeBufferPointer { buffer in
      var walk = Walk(bytes: buffer, scanner: JSONScanner(buffer))
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

  /// Walks the tokens of a text that has been parsed already.
  private struct Walk {
    let bytes: UnsafeBufferPointer<UInt8>
    var scanner: JSONScanner
    var lines: [String: Int] = [:]
    private var line = 1
    private var counted = 0

    init(bytes: UnsafeBufferPointer<UInt8>, scanner: JSONScanner) {
      self.bytes = bytes
      self.scanner = scanner
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

    /// The line of the byte before the scanner's offset.
    private mutating func currentLine() -> Int {
      while counted < scanner.offset {
        if bytes[counted] == 0x0a { line += 1 }
        counted += 1
      }
      return line
    }
  }
}
