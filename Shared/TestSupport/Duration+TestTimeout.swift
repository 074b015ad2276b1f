extension Duration {
  /// The timeout for expected results: 2 minutes, far longer than needed, so that no test depends on the machine's
  /// speed.
  public static let testTimeout = Duration.seconds(120)
}
