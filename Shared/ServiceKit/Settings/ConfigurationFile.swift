import Dispatch
import Foundation

/// The files of an installation's configuration, which may be missing but not unreadable.
///
/// Reading blocks its thread; `offCooperativePool` keeps that away from the threads that run the tasks.
enum ConfigurationFile {
  /// The bytes of a file; nil if there is no such file.
  ///
  /// - Throws: `StartError` if the file is there and cannot be read.
  static func bytes(of path: String) throws(StartError) -> [UInt8]? {
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
      return nil
    } catch {
      throw unreadable(path, error)
    }
  }

  /// The names in a folder, ascending; none if there is no such folder.
  ///
  /// - Throws: `StartError` if the folder is there and cannot be read.
  static func names(in folder: String) throws(StartError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
      return []
    } catch {
      throw unreadable(folder, error)
    }
  }

  /// Runs the body, which blocks, on a thread that runs no tasks.
  static func offCooperativePool<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "gonogo.configuration").async { continuation.resume(with: Result { try body() }) }
    }
  }

  private static func unreadable(_ path: String, _ error: any Error) -> StartError {
    StartError(
      .badConfiguration, "\(path) cannot be read (\(error.localizedDescription)); let this user read it, or remove it")
  }
}
