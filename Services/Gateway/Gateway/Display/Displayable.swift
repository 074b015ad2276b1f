/// A result that a person can be shown.
protocol Displayable: Sendable {
  /// Puts on the page what a person wants to see of it.
  func display(on page: inout Page)
}
