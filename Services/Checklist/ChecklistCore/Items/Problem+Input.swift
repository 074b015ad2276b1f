import LaunchModel

extension Problem {
  /// A parameter that the call cannot do without.
  static func missing(_ field: String, _ why: String) -> Problem {
    .invalid("missing-\(field)", title: "something is missing", pointer: "/\(field)", why)
  }

  /// A parameter that does not fit.
  static func unfit(_ field: String, _ why: String) -> Problem {
    .invalid("unfit-\(field)", title: "something does not fit", pointer: "/\(field)", why)
  }
}

extension String {
  /// Without white space at both ends; nil where nothing is left.
  var trimmedOrNil: String? {
    let trimmed = drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return trimmed.isEmpty ? nil : String(trimmed)
  }
}
