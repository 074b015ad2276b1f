import Documents
import JSON
import LaunchModel

/// Reads launches from a table (CSV) or from lines of JSON (NDJSON), each with the line that it stands on; a line that cannot be
/// read keeps no other from being read.
struct LaunchFileTable {
  /// One launch of the file.
  struct Entry {
    var line: Int
    var document: JSONValue
  }

  private(set) var entries: [Entry] = []
  /// Lines that cannot be read, and rows of another width than the heading.
  private(set) var faults: [FieldError] = []

  /// Reads the file; its name says which it is, else its first character.
  ///
  /// - Throws: `GatewayError` for a file that cannot be read as either, and for one without launches.
  init(_ path: String) throws(GatewayError) {
    let name = path == "-" ? "stdin" : path
    guard !path.hasSuffix(".yaml"), !path.hasSuffix(".yml") else {
      throw GatewayError(
        .badInput,
        "\(name) is no table (CSV) or lines of JSON (NDJSON); a launch file is proposed by gonogo launch propose")
    }
    let bytes = try InputFile(path).bytes()
    do {
      if Self.isJSON(bytes, path) { read(lines: bytes) } else { try read(table: bytes) }
    } catch {
      throw GatewayError(error, file: name)
    }
    guard !(entries.isEmpty && faults.isEmpty) else { throw GatewayError(.badInput, "\(name) has no launches") }
  }

  private static func isJSON(_ bytes: [UInt8], _ path: String) -> Bool {
    if path.hasSuffix(".csv") { return false }
    if path.hasSuffix(".ndjson") || path.hasSuffix(".jsonl") { return true }
    let text = bytes.starts(with: SourceDocument.byteOrderMark) ? bytes[3...] : bytes[...]
    return text.first { !(0x09...0x0d).contains($0) && $0 != 0x20 } == UInt8(ascii: "{")
  }

  private mutating func read(lines bytes: [UInt8]) {
    let text = bytes.starts(with: SourceDocument.byteOrderMark) ? bytes[3...] : bytes[...]
    for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { !(0x09...0x0d).contains($0) && $0 != 0x20 }) else { continue }
      do {
        entries.append(Entry(line: index + 1, document: try JSONValue(parsing: Array(line))))
      } catch {
        faults.append(
          FieldError(pointer: "", line: index + 1, detail: Problem(error).errors.first?.detail ?? "\(error)"))
      }
    }
  }

  private mutating func read(table bytes: [UInt8]) throws(Problem) {
    let table = try CSVTable(parsing: bytes)
    let columns = try LaunchColumns(table.columns)
    entries = table.rows.map { Entry(line: $0.line, document: columns.document($0.fields)) }
    faults = table.uneven
  }
}
