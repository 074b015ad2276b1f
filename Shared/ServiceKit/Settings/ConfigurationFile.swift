import Dispatch
import Foundation

/// The configuration files of an installation. A file may be missing, but a file that exists must be readable.
///
/// Reading blocks the calling thread; in a task, call it through `offCooperativePool`.
enum ConfigurationFile {
  /// Returns the bytes of a file; nil if there is no such file.
  ///
  /// - Throws: `StartError` if the file exists and cannot be read.
  static func bytes(of path: String) throws(StartError) -> [UInt8]? {
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
      return nil
    } catch {
      throw unreadable(path, error)
    }
  }

  /// Returns the names in a folder in ascending order; none if there is no such folder.
  ///
  /// - Throws: `StartError` if the folder exists but cannot be read.
  static func names(in folder: String) throws(StartError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
      return []
    } catch {
      throw unreadable(folder, error)
    }
  }

  /// Runs a blocking body on a thread outside the cooperative pool.
  static func offCooperativePool<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "gonogo.configuration").async { continuation.resume(with: Result { try body() }) }
    }
  }

  private static func unreadable(_ path: String, _ error: any Error) -> StartError {
    StartError(
      .badConfiguration,
      "cannot read \(path) (\(error.localizedDescription)); make it readable for this user, or remove it")
  }
}
