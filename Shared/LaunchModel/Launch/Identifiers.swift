/// A launch's id: 1 to 64 of `a-z`, `0-9` and `-`; neither the first nor the last character may be `-`.
public struct LaunchID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The id as written in files, calls and events, for example `smart-routing`.
  public let rawValue: String

  /// Parses an id; nil if the text is not a valid one.
  public init?(_ text: String) {
    let bytes = text.utf8
    let allowed = bytes.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    guard (1...64).contains(bytes.count), allowed, bytes.first != 0x2d, bytes.last != 0x2d else { return nil }
    rawValue = text
  }

  /// The raw value, for example `smart-routing`.
  public var description: String { rawValue }
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension LaunchID: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = LaunchID(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is not a launch id; use 1 to 64 of a-z, 0-9 and -")
    }
    self = id
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// The key of a person on the roster, for example `dana`.
public typealias PersonID = String

/// The key of an item in a template, for example `kb-article`.
public typealias ItemKey = String

/// A BCP 47 locale as written by the organisation, for example `de`.
public typealias Locale = String

/// A company function that takes part in launches.
public enum LaunchFunction: String, Sendable, Codable, CaseIterable, Hashable, Comparable {
  case engineering, product, marketing, cs, sales, support
  case productOps = "product-ops"

  /// Sorts functions in board order.
  public static func < (left: Self, right: Self) -> Bool { left.boardOrder < right.boardOrder }

  private var boardOrder: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The display name, for example `CS` or `Product Ops`.
  public var title: String {
    switch self {
    case .engineering: "Engineering"
    case .product: "Product"
    case .marketing: "Marketing"
    case .cs: "CS"
    case .sales: "Sales"
    case .support: "Support"
    case .productOps: "Product Ops"
    }
  }
}
