extension Duration {
  /// How long tests wait for what must come: 2 minutes, far more than it takes, so that no outcome rests on how fast the
  /// machine is.
  public static let patience = Duration.seconds(120)
}
