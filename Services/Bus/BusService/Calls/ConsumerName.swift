import LaunchModel

/// The rules of consumers' names.
enum ConsumerName {
  /// - Throws: `invalid` for what is no name; `forbidden` where it is a service's and the caller is none.
  static func check(_ name: String, for caller: BusCaller) throws(Problem) {
    let isName =
      (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains($0)
      }
    guard isName else {
      throw .invalid("invalid-params", pointer: "/consumer", "a consumer's name has 1 to 64 of a-z, 0-9, -, . and _")
    }
    guard caller.isService || ServiceName(rawValue: name) == nil else {
      throw .forbidden("\(name) is a service's consumer, and \(caller.name) is no service; choose another name")
    }
  }
}
