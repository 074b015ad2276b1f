/// A function of the company that takes part in launches.
public enum LaunchFunction: String, Sendable, Codable, CaseIterable, Hashable, Comparable {
  case engineering, product, marketing, cs, sales, support
  case productOps = "product-ops"

  /// In the order in which boards show them.
  public static func < (left: Self, right: Self) -> Bool { left.boardOrder < right.boardOrder }

  private var boardOrder: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The name as boards show it, as `CS` or `Product Ops`.
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
