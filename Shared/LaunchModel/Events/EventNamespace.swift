/// Which types and sources of events are whose (contract.md, sections 3 to 5).
public enum EventNamespace {
  /// The types of this product.
  public static let own = "dev.gonogo."
  /// Those of them that other systems publish; the others are the services'.
  public static let signals = "dev.gonogo.signal."
  /// The beginnings of the services' types, of every family there is, so that a reader of announcements need not read
  /// the signals, which are many times as many.
  public static let announcements = [
    "launch", "checklist", "decision", "exposure", "metrics", "review", "action", "learning", "template", "policy",
    "roster", "calendar", "notice",
  ].map { "\(own)\($0)." }
  /// The sources of the services.
  public static let serviceSources = "/gonogo/"
}
