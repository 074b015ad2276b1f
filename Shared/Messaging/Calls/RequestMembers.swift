import JSON

/// Where the members of a request stand in its bytes, found in one pass that checks all of them as JSON.
struct RequestMembers {
  var id: Range<Int>?
  var isVersion2 = false
  var method: String?
  var params: Range<Int>?
  var meta: Range<Int>?
  /// The bytes to leave out so that `params` has no `_meta`.
  private var metaCut: Range<Int>?
  var hasPositionalParams = false
  /// Why this is no request, where JSON-RPC rather than JSON is broken.
  var fault: String?

  init(scanning bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    guard case .beginObject = try scanner.next() else {
      var whole = JSONScanner(bytes)
      try whole.skipValue()
      try whole.expectEnd()
      fault = "a request is one object; batches are not taken, and events go as parts of one message"
      return
    }
    while case .key(let key) = try scanner.next() { try member(key, &scanner, bytes) }
    try scanner.expectEnd()
  }

  private mutating func member(
    _ key: JSONScanner.StringToken, _ scanner: inout JSONScanner, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) {
    if scanner.matches(key, "id") {
      let range = try scanner.skipValue()
      switch bytes[range.lowerBound] {
      case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "t"), UInt8(ascii: "f"):
        fault = "\"id\" must be a string, a number or null"
      default: id = range
      }
    } else if scanner.matches(key, "jsonrpc") {
      isVersion2 = try Self.string(&scanner) == "2.0"
    } else if scanner.matches(key, "method") {
      method = try Self.string(&scanner)
    } else if scanner.matches(key, "params") {
      try parameters(&scanner)
    } else {
      try scanner.skipValue()
    }
  }

  /// The next value where it is a string; else it is passed over.
  private static func string(_ scanner: inout JSONScanner) throws(JSONError) -> String? {
    let depth = scanner.depth
    let token = try scanner.next()
    if case .string(let string) = token { return scanner.text(string) }
    while scanner.depth > depth { _ = try scanner.next() }
    return nil
  }

  private mutating func parameters(_ scanner: inout JSONScanner) throws(JSONError) {
    let depth = scanner.depth
    switch try scanner.next() {
    case .beginObject: try namedParameters(&scanner)
    case .beginArray:
      hasPositionalParams = true
      while scanner.depth > depth { _ = try scanner.next() }
    default: fault = "\"params\" must be an object"
    }
  }

  private mutating func namedParameters(_ scanner: inout JSONScanner) throws(JSONError) {
    let start = scanner.offset - 1
    var previousEnd: Int?
    var openCut: Int?
    while case .key(let key) = try scanner.next() {
      let keyStart = key.range.lowerBound - 1
      if let cut = openCut {
        metaCut = cut..<keyStart
        openCut = nil
      }
      let isMeta = scanner.matches(key, "_meta")
      let value = try scanner.skipValue()
      if isMeta {
        meta = value
        metaCut = (previousEnd ?? keyStart)..<value.upperBound
        if previousEnd == nil { openCut = keyStart }
      }
      previousEnd = value.upperBound
    }
    params = start..<scanner.offset
  }

  /// The parameters without `_meta`.
  func params(in bytes: [UInt8]) -> [UInt8] {
    guard let params else { return [UInt8(ascii: "{"), UInt8(ascii: "}")] }
    guard let metaCut else { return Array(bytes[params]) }
    return Array(bytes[params.lowerBound..<metaCut.lowerBound]) + bytes[metaCut.upperBound..<params.upperBound]
  }
}
