import JSON
import LaunchModel

/// Parameters from their JSON, with the faults a caller can mend.
public enum ParameterCoding {
  /// - Throws: `Problem` of kind `invalidParams`, with the pointer of what does not fit.
  public static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
    do {
      return try JSONCoding.decode(type, from: bytes)
    } catch let error as JSONError {
      throw Problem(
        .invalidParams, code: "invalid-params", title: "The parameters are not what the method takes",
        detail: error.pointer.isEmpty ? error.detail : "\(error.pointer): \(error.detail)",
        errors: [FieldFault(pointer: error.pointer, detail: error.detail)])
    }
  }
}
