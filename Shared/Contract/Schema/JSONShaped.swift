public import JSON
public import LaunchModel

/// A type that declares the shape of its JSON because decoding does not reveal it: a string with a fixed format, or a
/// document.
public protocol JSONShaped {
  /// The shape of its JSON.
  static var jsonShape: JSONShape { get throws }
  /// A value of that shape that the type can decode.
  static var jsonExample: JSONValue { get throws }
}

/// A type with mutually exclusive members, so that an example with all of them would make no sense.
public protocol JSONExampled {
  /// Members that its example leaves out.
  static var excludedFromExample: [String] { get }
}

extension CalendarChanged: JSONExampled {
  public static var excludedFromExample: [String] { ["blackout"] }
}

extension PublishResult: JSONExampled {
  public static var excludedFromExample: [String] { ["error"] }
}

extension ItemResult: JSONExampled {
  public static var excludedFromExample: [String] { ["error"] }
}

extension JSONValue: JSONShaped {
  public static var jsonShape: JSONShape { .any }
  public static var jsonExample: JSONValue { [:] }
}

extension Timestamp: JSONShaped {
  public static var jsonShape: JSONShape { .value(["type": "string", "format": "date-time"]) }
  public static var jsonExample: JSONValue { "2027-03-02T14:30:00Z" }
}

extension LocalDate: JSONShaped {
  /// A date string. Years beyond 9999 have a sign and more digits, which the format `date` does not allow, but formats
  /// are only annotations.
  public static var jsonShape: JSONShape {
    .value([
      "type": "string", "format": "date", "pattern": "^([0-9]{4}|[+-][0-9]{5,9})-[0-9]{2}-[0-9]{2}$",
    ])
  }
  public static var jsonExample: JSONValue { "2027-03-02" }
}

extension LocalTime: JSONShaped {
  public static var jsonShape: JSONShape {
    .value(["type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"])
  }
  public static var jsonExample: JSONValue { "08:00" }
}

extension LocalDateTime: JSONShaped {
  public static var jsonShape: JSONShape {
    .value([
      "type": "string", "pattern": "^([0-9]{4}|[+-][0-9]{5,9})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$",
    ])
  }
  public static var jsonExample: JSONValue { "2027-03-02T08:00" }
}

extension LaunchID: JSONShaped {
  public static var jsonShape: JSONShape {
    .value(["type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"])
  }
  public static var jsonExample: JSONValue { "smart-routing" }
}

extension Principal: JSONShaped {
  public static var jsonShape: JSONShape { .value(["type": "string"]) }
  public static var jsonExample: JSONValue { "uid:1000" }
}

extension DueRule: JSONShaped {
  public static var jsonShape: JSONShape {
    .value([
      "type": "string",
      "pattern": "^(launch day|launch date|[0-9]{1,3} (business )?days? (before|after))$",
    ])
  }
  public static var jsonExample: JSONValue { "5 business days before" }
}
