/// A chart of figures, with a text that states the same.
protocol Chart: Sendable {
  /// What it shows, for example `Adoption by day`.
  var title: String { get }
  /// The text alternative: what a reader learns from the chart, with the figures.
  var summary: String { get }
  /// Whether it is also drawn in a wide form, because it has more detail than fits beside another chart.
  var hasWideForm: Bool { get }

  /// Draws the chart.
  ///
  /// - Parameter isWide: whether it has the whole width of a wide page; always false without a wide form.
  func draw(isWide: Bool) -> SVGCanvas
}

extension Chart {
  var hasWideForm: Bool { false }

  /// Returns the image as an element of an HTML page, with title and description for readers who do not see it.
  ///
  /// - Parameter id: unique on the page; of letters, digits and `-`.
  func svg(id: String, isWide: Bool = false) -> String {
    let canvas = draw(isWide: isWide)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(canvas.width.decimals(2)) \(canvas.height.decimals(2))" \
      role="img" aria-labelledby="\(id)-title \(id)-desc" class="chart">\
      <title id="\(id)-title">\(Markup.escaped(title))</title>\
      <desc id="\(id)-desc">\(Markup.escaped(summary))</desc>\(canvas.markup)</svg>
      """
  }
}

/// The elements of an SVG image. Colours, dashes and text sizes are classes of the page's style sheet, so that they
/// adapt to dark pages and print.
struct SVGCanvas: Sendable {
  /// The usual width: a phone's full width, or the width beside another chart on a wide page.
  static let narrowWidth = 400.0
  /// The width of a chart that has the whole width of a wide page.
  static let wideWidth = 960.0

  var width: Double
  var height: Double
  private(set) var markup = ""

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// The end of a text that its position refers to.
  enum Anchor: String {
    case start, middle, end
  }

  mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ style: String) {
    markup +=
      "<line x1=\"\(start.x.decimals(2))\" y1=\"\(start.y.decimals(2))\" x2=\"\(end.x.decimals(2))\" "
      + "y2=\"\(end.y.decimals(2))\" class=\"\(style)\"/>"
  }

  mutating func polyline(_ points: [(x: Double, y: Double)], _ style: String) {
    let path = points.map { "\($0.x.decimals(2)),\($0.y.decimals(2))" }.joined(separator: " ")
    markup += "<polyline points=\"\(path)\" class=\"\(style)\"/>"
  }

  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, _ style: String, data: Datum? = nil) {
    markup +=
      "<rect x=\"\(x.decimals(2))\" y=\"\(y.decimals(2))\" width=\"\(max(0, width).decimals(2))\" "
      + "height=\"\(max(0, height).decimals(2))\" class=\"\(style)\"" + closing("rect", data)
  }

  mutating func circle(x: Double, y: Double, radius: Double, _ style: String, data: Datum? = nil) {
    markup +=
      "<circle cx=\"\(x.decimals(2))\" cy=\"\(y.decimals(2))\" r=\"\(radius.decimals(2))\" class=\"\(style)\""
      + closing("circle", data)
  }

  /// Adds a square that stands on one of its corners.
  mutating func diamond(x: Double, y: Double, radius: Double, _ style: String, data: Datum? = nil) {
    polygon([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], style, data: data)
  }

  /// Adds a triangle whose tip points down to the position.
  mutating func pointer(x: Double, y: Double, size: Double, _ style: String, data: Datum? = nil) {
    polygon([(x - size * 0.6, y - size), (x + size * 0.6, y - size), (x, y)], style, data: data)
  }

  private mutating func polygon(_ points: [(x: Double, y: Double)], _ style: String, data: Datum?) {
    let path = points.map { "\($0.x.decimals(2)),\($0.y.decimals(2))" }.joined(separator: " ")
    markup += "<polygon points=\"\(path)\" class=\"\(style)\"" + closing("polygon", data)
  }

  /// Adds one line of text.
  ///
  /// - Parameter limit: the maximum width in units; a longer text is cut off, and shown in full when a pointer rests on
  ///   it.
  mutating func text(
    _ text: String, x: Double, y: Double, _ style: String = "label", anchor: Anchor = .start, limit: Double? = nil
  ) {
    let room = limit.map { Int($0 / Self.characterWidth) }
    let shown = room.map { text.shortened(to: max(1, $0)) } ?? text
    let hint = shown == text ? "" : "<title>\(Markup.escaped(text))</title>"
    markup +=
      "<text x=\"\(x.decimals(2))\" y=\"\(y.decimals(2))\" class=\"\(style)\" text-anchor=\"\(anchor.rawValue)\">"
      + "\(Markup.escaped(shown))\(hint)</text>"
  }

  /// Returns the end of an element whose opening tag is still open, with the datum that it represents.
  private func closing(_ element: String, _ data: Datum?) -> String {
    guard let data else { return "/>" }
    let values = " data-x=\"\(data.x.decimals(4))\" data-y=\"\(data.y.decimals(6))\""
    return "\(values)><title>\(Markup.escaped(data.hint))</title></\(element)>"
  }

  /// The mean width of a character at the style sheet's 13 px, estimated generously.
  static let characterWidth = 7.1

  /// The datum that a mark represents.
  struct Datum: Sendable {
    var x: Double
    var y: Double
    /// The text shown when a pointer rests on the mark.
    var hint: String
  }
}
