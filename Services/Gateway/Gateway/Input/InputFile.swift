import Documents
import SystemPackage

/// A file that a command reads; `-` stands for standard input.
struct InputFile: Sendable, Hashable {
  var path: String

  init(_ path: String) { self.path = path }

  /// The name for error messages.
  var name: String { path == "-" ? "stdin" : path }

  /// Whether the name says nothing about the format: standard input, also as `/dev/stdin`, and the pipes of a shell's
  /// `<(…)`.
  var isUnnamed: Bool { path == "-" || path.hasPrefix("/dev/") || path.hasPrefix("/proc/") }

  /// The whole content.
  ///
  /// - Parameter limit: the number of bytes after which reading stops, so that the caller can refuse a file that is too
  ///   large.
  /// - Throws: `GatewayError` with the file's name and the system's reason.
  func bytes(until limit: Int = .max) throws(GatewayError) -> [UInt8] {
    do {
      guard path != "-" else { return try Self.contents(of: .standardInput, until: limit) }
      let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
      return try descriptor.closeAfter { try Self.contents(of: descriptor, until: limit) }
    } catch {
      throw GatewayError(.badInput, "cannot read \(path): \(error)")
    }
  }

  private static func contents(of descriptor: FileDescriptor, until limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit {
      let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }
}

/// Reads a file, or bytes, line by line with line numbers, without loading the whole file; skips a byte order mark at
/// the start.
struct LineReader: ~Copyable {
  private let path: String
  private let descriptor: FileDescriptor
  private let isOwned: Bool
  private var buffer: [UInt8] = []
  private var start = 0
  private var number = 0
  private var isAtEnd = false

  /// One line, without its line break.
  struct Line: Sendable, Hashable {
    var number: Int
    var bytes: [UInt8]
  }

  /// Opens the file; `-` stands for standard input.
  ///
  /// - Throws: `GatewayError` with the file's name and the system's reason.
  init(path: String) throws(GatewayError) {
    self.path = path
    if path == "-" {
      descriptor = .standardInput
      isOwned = false
    } else {
      do {
        descriptor = try .open(FilePath(path), .readOnly)
      } catch {
        throw GatewayError(.badInput, "cannot read \(path): \(error)")
      }
      isOwned = true
    }
  }

  deinit {
    // The file was only read, so nothing is lost if closing it fails.
    if isOwned { try? descriptor.close() }
  }

  /// Returns the next line that is not blank; nil at the end.
  mutating func next() throws -> Line? {
    while true {
      if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = take(upTo: end)
        if let line { return line }
      } else if isAtEnd {
        guard start < buffer.count else { return nil }
        if let line = take(upTo: buffer.count) { return line }
      } else {
        try fill()
      }
    }
  }

  /// Returns the first byte that is not white space, and leaves it in place; nil if there is none.
  ///
  /// To be called before any line is read.
  ///
  /// - Parameter limit: the number of bytes after which the search ends.
  mutating func firstCharacter(within limit: Int) throws -> UInt8? {
    while true {
      let isMark = !buffer.isEmpty && SourceDocument.byteOrderMark.starts(with: buffer)
      // Part of a byte order mark is not a character yet.
      if isAtEnd || !isMark, let first = TableFormat.firstCharacter(of: buffer) { return first }
      guard !isAtEnd, buffer.count < limit else { return nil }
      try fill()
    }
  }

  /// Returns all bytes, or as many as were read when there were more than the limit.
  ///
  /// To be called before any line is read: a pipe cannot be opened a second time.
  mutating func remainder(until limit: Int) throws -> [UInt8] {
    while !isAtEnd, buffer.count < limit { try fill() }
    defer {
      buffer = []
      start = 0
    }
    return buffer
  }

  /// The bytes up to the index as a line; nil if they are blank.
  private mutating func take(upTo end: Int) -> Line? {
    var bytes = buffer[start..<end]
    start = min(end + 1, buffer.count)
    number += 1
    if number == 1, bytes.starts(with: SourceDocument.byteOrderMark) {
      bytes = bytes.dropFirst(SourceDocument.byteOrderMark.count)
    }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard !bytes.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else { return nil }
    return Line(number: number, bytes: Array(bytes))
  }

  private mutating func fill() throws {
    buffer.removeFirst(start)
    start = 0
    let held = buffer.count
    let size = 1 << 16
    buffer += [UInt8](repeating: 0, count: size)
    let count: Int
    do {
      count = try buffer.withUnsafeMutableBytes { bytes in
        try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[held...]))
      }
    } catch {
      throw GatewayError(.badInput, "cannot read \(path): \(error)")
    }
    buffer.removeLast(size - count)
    isAtEnd = count == 0
  }
}
