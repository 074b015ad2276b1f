import JSON

/// A format that reports are written in.
public enum ReportFormat: String, Sendable, Hashable, CaseIterable {
  /// One page with charts that loads nothing.
  case html
  /// Text with tables, in which charts are replaced by their text alternatives.
  case md
  /// The whole report as one JSON value.
  case json
  /// One table.
  case csv
}

extension LaunchReport {
  /// Returns the report in a format, with a line break at its end.
  ///
  /// - Throws: `EncodingError` for a number that JSON cannot represent.
  public func text(as format: ReportFormat) throws -> String {
    switch format {
    case .html: try page.html()
    case .md: page.markdown()
    case .json: String(decoding: try JSONCoding.encode(self), as: UTF8.self) + "\n"
    case .csv: CSVText.text(of: table)
    }
  }
}

extension QuarterReport {
  /// Returns the report in a format, with a line break at its end.
  ///
  /// - Throws: `EncodingError` for a number that JSON cannot represent.
  public func text(as format: ReportFormat) throws -> String {
    switch format {
    case .html: try page.html()
    case .md: page.markdown()
    case .json: String(decoding: try JSONCoding.encode(self), as: UTF8.self) + "\n"
    case .csv: CSVText.text(of: table)
    }
  }
}
