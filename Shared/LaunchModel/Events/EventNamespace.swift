/// Which types and sources of events are whose (contract.md, sections 3 to 5).
public enum EventNamespace {
  /// The types of this product.
  public static let own = "dev.gonogo."
  /// Those of them that other systems publish; the others are the services'.
  public static let signals = "dev.gonogo.signal."
  /// The sources of the services.
  public static let serviceSources = "/gonogo/"
}
