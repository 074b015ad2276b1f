import Documents
import JSON
import LaunchModel

/// Reads launches from a table (CSV) or from lines of JSON (NDJSON), each with the line that it stands on.
struct LaunchFileTable {
  /// One launch of the file.
  struct Entry {
    var line: Int
    var document: JSONValue
  }

  let entries: [Entry]

  /// Reads the file; its name says which it is, else its first character.
  ///
  /// - Throws: `Failure` with every fault, each with its line.
  init(_ path: String) throws(Failure) {
    let name = path == "-" ? "stdin" : path
    let bytes = try InputFile(path).bytes()
    do {
      entries = Self.isJSON(bytes, path) ? try Self.lines(bytes) : try Self.table(bytes)
    } catch {
      throw Failure(error, file: name)
    }
    guard !entries.isEmpty else { throw Failure(.badInput, "\(name) has no launches") }
  }

  private static func isJSON(_ bytes: [UInt8], _ path: String) -> Bool {
    if path.hasSuffix(".csv") { return false }
    if path.hasSuffix(".ndjson") || path.hasSuffix(".jsonl") { return true }
    let text = bytes.starts(with: SourceDocument.byteOrderMark) ? bytes[3...] : bytes[...]
    return text.first { !(0x09...0x0d).contains($0) && $0 != 0x20 } == UInt8(ascii: "{")
  }

  private static func lines(_ bytes: [UInt8]) throws(Problem) -> [Entry] {
    let text = bytes.starts(with: SourceDocument.byteOrderMark) ? bytes[3...] : bytes[...]
    var (entries, faults): ([Entry], [FieldFault]) = ([], [])
    for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { !(0x09...0x0d).contains($0) && $0 != 0x20 }) else { continue }
      do {
        entries.append(Entry(line: index + 1, document: try JSONValue(parsing: Array(line))))
      } catch {
        faults.append(
          FieldFault(pointer: "", line: index + 1, detail: Problem(error).errors.first?.detail ?? "\(error)"))
      }
    }
    guard faults.isEmpty else {
      throw .invalid("unreadable-document", title: "the file cannot be read", errors: faults)
    }
    return entries
  }

  private static func table(_ bytes: [UInt8]) throws(Problem) -> [Entry] {
    let table = try CSVTable(parsing: bytes)
    let columns = try LaunchColumns(table.columns)
    return table.rows.map { Entry(line: $0.line, document: columns.document($0.fields)) }
  }
}
