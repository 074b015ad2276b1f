import JSON

/// A format that reports are written in.
public enum ReportFormat: String, Sendable, Hashable, CaseIterable {
  /// One page that loads nothing, with charts.
  case html
  /// Text with tables, in which charts are replaced by what they say.
  case md
  /// The whole value.
  case json
  /// One table.
  case csv
}

extension LaunchReport {
  /// The report in a format, with a line break at its end.
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
  /// The report in a format, with a line break at its end.
  ///
  /// - Throws: as a launch's report.
  public func text(as format: ReportFormat) throws -> String {
    switch format {
    case .html: try page.html()
    case .md: page.markdown()
    case .json: String(decoding: try JSONCoding.encode(self), as: UTF8.self) + "\n"
    case .csv: CSVText.text(of: table)
    }
  }
}
