extension Problem {
  /// The code of a sealed plan whose stored definition is not what was sealed: no failure of the moment, but tampering.
  public static let changedAfterSealing = "changed-after-sealing"

  /// Whether it says that sealed metrics were changed behind their seal.
  public var isTampering: Bool { code == Self.changedAfterSealing }
}
