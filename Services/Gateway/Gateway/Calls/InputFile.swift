import SystemPackage

/// A file that a command reads; `-` stands for standard input.
struct InputFile: Sendable, Hashable {
  var path: String

  init(_ path: String) { self.path = path }

  /// Everything that is in it.
  ///
  /// - Throws: `GatewayError` naming the file and what the system says.
  func bytes() throws(GatewayError) -> [UInt8] {
    do {
      guard path != "-" else { return try Self.contents(of: .standardInput) }
      let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
      return try descriptor.closeAfter { try Self.contents(of: descriptor) }
    } catch let error as Errno {
      throw GatewayError(.badInput, "cannot read \(path): \(error)")
    } catch {
      throw GatewayError(.badInput, "cannot read \(path): \(error)")
    }
  }

  private static func contents(of descriptor: FileDescriptor) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }
}
