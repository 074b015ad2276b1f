/// Arguments in the form libpq takes them: numbers and texts as text, bytes as they are.
struct PostgreSQLArguments {
  private var bytes: [UInt8] = []
  private var places: [(offset: Int, count: Int, isBinary: Bool)?] = []

  init(_ values: [SQLValue]) throws(StorageError) {
    for value in values {
      try value.refuseZeroCharacter()
      switch value {
      case .null: places.append(nil)
      case .integer(let number): append(String(number).utf8, isBinary: false)
      case .real(let number): append(String(number).utf8, isBinary: false)
      case .text(let text): append(text.utf8, isBinary: false)
      case .blob(let blob): append(blob, isBinary: true)
      }
    }
  }

  init(_ arrays: [SQLArray]) {
    for array in arrays {
      let start = bytes.count
      array.write(to: &bytes)
      places.append((start, bytes.count - start, true))
    }
  }

  private mutating func append(_ value: some Collection<UInt8>, isBinary: Bool) {
    places.append((bytes.count, value.count, isBinary))
    bytes.append(contentsOf: value)
    // Texts end with a zero; after bytes it does no harm.
    bytes.append(0)
  }

  /// Lends the values, lengths and formats, one of each for every argument; valid only in the body.
  func withPointers<R>(
    _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> R
  ) -> R {
    bytes.withUnsafeBytes { buffer in
      let start = buffer.bindMemory(to: CChar.self).baseAddress
      return body(
        places.map { place in place.flatMap { place in start.map { $0 + place.offset } } },
        places.map { Int32($0?.count ?? 0) }, places.map { $0?.isBinary == true ? 1 : 0 })
    }
  }
}
