extension Problem {
  /// The problem that no launch has this id: not found, with code `launch-not-found` and the nearest existing id.
  public static func noLaunch(_ launch: LaunchID, among known: some Sequence<String>) -> Problem {
    let hint = Suggestion.text(for: launch.rawValue, among: known)
    return .notFound(
      "launch-not-found", title: "no such launch", "no launch \"\(launch)\"\(hint); see gonogo launch list")
  }
}
