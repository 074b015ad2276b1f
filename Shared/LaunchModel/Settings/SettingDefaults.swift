/// Where things are when no setting says so (contract.md, section 1); the same for services and gateway.
public enum SettingDefaults {
  /// The folder of the sockets: `$XDG_RUNTIME_DIR/gonogo`, else `/run/gonogo` for root, else below the temporary folder.
  public static func runFolder(_ environment: [String: String], uid: UInt32) -> String {
    if let folder = given("XDG_RUNTIME_DIR", environment) { return "\(folder)/gonogo" }
    if uid == 0 { return "/run/gonogo" }
    return "\(given("TMPDIR", environment) ?? "/tmp")/gonogo-\(uid)"
  }

  /// The folder of the data: `$XDG_STATE_HOME/gonogo`, else `~/.local/state/gonogo`; nil where neither is known.
  public static func dataFolder(_ environment: [String: String]) -> String? {
    if let folder = given("XDG_STATE_HOME", environment) { return "\(folder)/gonogo" }
    return given("HOME", environment).map { "\($0)/.local/state/gonogo" }
  }

  /// A variable that is set, not empty, without a slash at its end.
  private static func given(_ name: String, _ environment: [String: String]) -> String? {
    guard let value = environment[name], !value.isEmpty else { return nil }
    return value.count > 1 && value.hasSuffix("/") ? String(value.dropLast()) : value
  }
}
