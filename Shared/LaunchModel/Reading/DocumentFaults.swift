public import JSON

/// Collects the faults of one document while it is read, so that all are told at once.
public final class DocumentFaults {
  /// All that is wrong so far, in the order of reading; empty for a document without fault.
  public private(set) var faults: [FieldFault] = []
  /// Whether fields that nobody knows are passed over, as on the wire, where a newer version may have written them.
  let ignoresUnknownFields: Bool

  public init(ignoresUnknownFields: Bool = false) { self.ignoresUnknownFields = ignoresUnknownFields }

  /// Notes a fault.
  public func add(_ pointer: JSONPointer, _ detail: String) {
    faults.append(FieldFault(pointer: pointer.description, detail: detail))
  }

  /// - Throws: `invalid` with every fault, in the order of their pointers, where there is one.
  public func check(_ code: String, title: String) throws(Problem) {
    guard !faults.isEmpty else { return }
    throw .invalid(code, title: title, errors: faults)
  }

  /// What was read, unless there was a fault.
  ///
  /// - Throws: `invalid` with every fault.
  public func finish<Value>(_ value: Value?, _ code: String, title: String) throws(Problem) -> Value {
    if faults.isEmpty, value == nil { add(.root, "this could not be read") }
    try check(code, title: title)
    guard let value else { throw .internalError("a document without faults was not read") }
    return value
  }
}
