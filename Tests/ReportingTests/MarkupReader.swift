/// Reads markup in which every element is closed, and fails on anything else.
struct MarkupReader {
  struct Element {
    var name: String
    var attributes: [String: String]
    /// The text directly in it, with its references as they are written.
    var text = ""
  }

  struct Fault: Error {
    var detail: String
  }

  /// The elements in the order in which they begin.
  private(set) var elements: [Element] = []

  init(_ page: String) throws {
    var rest = Substring(page)
    var open: [Int] = []
    while let start = rest.firstIndex(of: "<") {
      let text = rest[..<start]
      if let current = open.last { elements[current].text += text }
      guard !text.contains(">") || open.last.map({ elements[$0].name == "style" }) == true else {
        throw Fault(detail: "a bare > in \(text.suffix(40))")
      }
      rest = rest[start...].dropFirst()
      if rest.hasPrefix("!DOCTYPE") {
        rest = rest.drop { $0 != ">" }.dropFirst()
        continue
      }
      if rest.hasPrefix("/") {
        let name = rest.dropFirst().prefix { $0 != ">" }
        guard let current = open.popLast(), elements[current].name == name else {
          throw Fault(detail: "</\(name)> closes \(open.last.map { elements[$0].name } ?? "nothing")")
        }
        rest = rest.dropFirst(name.count + 2)
        continue
      }
      let isEmpty = try readTag(&rest)
      if !isEmpty { open.append(elements.count - 1) }
    }
    guard open.isEmpty else { throw Fault(detail: "\(open.map { elements[$0].name }) are not closed") }
  }

  /// Reads a tag after its `<`.
  ///
  /// - Returns: whether it closes itself.
  private mutating func readTag(_ rest: inout Substring) throws -> Bool {
    let name = rest.prefix { $0.isLetter || $0.isNumber }
    guard !name.isEmpty else { throw Fault(detail: "a bare < before \(rest.prefix(40))") }
    rest = rest.dropFirst(name.count)
    var element = Element(name: String(name), attributes: [:])
    while true {
      rest = rest.drop { $0.isWhitespace }
      if rest.hasPrefix("/>") || rest.hasPrefix(">") { break }
      let key = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
      rest = rest.dropFirst(key.count)
      guard !key.isEmpty, rest.hasPrefix("=\"") else { throw Fault(detail: "<\(name)>: \(rest.prefix(40))") }
      rest = rest.dropFirst(2)
      // By scalars, as a browser does: a quote with a combining mark after it is a quote.
      let scalars = rest.unicodeScalars
      guard let end = scalars.firstIndex(of: "\"") else { throw Fault(detail: "<\(name) \(key)> has no end") }
      guard element.attributes.updateValue(String(rest[..<end]), forKey: String(key)) == nil else {
        throw Fault(detail: "<\(name)> has \(key) twice")
      }
      rest = Substring(scalars[scalars.index(after: end)...])
    }
    elements.append(element)
    let isEmpty = rest.hasPrefix("/>")
    rest = rest.dropFirst(isEmpty ? 2 : 1)
    return isEmpty
  }
}
