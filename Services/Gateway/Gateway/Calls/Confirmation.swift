import Glibc

/// Asks the person at the terminal before something is done.
enum Confirmation {
  /// Whether the person says yes; without a terminal to ask at, nobody says anything.
  ///
  /// - Throws: `GatewayError` of kind usage where nobody can be asked.
  static func ask(_ question: String, on console: Console) throws(GatewayError) -> Bool {
    guard isatty(0) == 1 else {
      throw GatewayError(
        .usage, "nothing was changed: there is nobody to ask here; give --yes to make the change, or --dry-run")
    }
    console.diagnostics.write("\(question) [y/N] ")
    let answer = readLine()?.lowercased() ?? ""
    return answer == "y" || answer == "yes"
  }
}
