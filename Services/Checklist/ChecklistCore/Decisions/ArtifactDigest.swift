public import Contract
public import LaunchModel

/// The digest that identifies the artifact of a GO: the algorithm, a colon and the hash in hexadecimal digits, the form
/// that OCI registries use.
public enum ArtifactDigest {
  /// The number of hexadecimal digits, by algorithm.
  private static let lengths = ["sha256": 64, "sha512": 128]

  /// Returns the digest in lower case; nil if the text is nil.
  ///
  /// - Throws: `invalid` with the expected form.
  public static func normalized(_ text: String?) throws(Problem) -> String? {
    guard let text else { return nil }
    let parts = text.lowercased().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let isHexadecimal =
      parts.last?.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } ?? false
    guard parts.count == 2, isHexadecimal, parts[1].utf8.count == lengths[String(parts[0])] else {
      throw Problem.unfit(
        "artifact",
        "\"\(text.excerpt)\" is not the digest of an artifact; give sha256: with 64 hexadecimal digits, or sha512: "
          + "with 128, as a registry prints it")
    }
    return parts.joined(separator: ":")
  }
}

extension GateView {
  /// Returns the gate for an artifact: closed if the GO names another artifact, or if it names one and the request
  /// names none.
  ///
  /// Without this rule, a pipeline that does not name what it ships could ship anything under a GO for a single
  /// artifact.
  public func asked(about artifact: String?) -> GateView {
    guard decision == .go, let bound = self.artifact, bound != artifact else { return self }
    var view = self
    view.open = false
    view.reasons.append(
      artifact.map {
        ReadinessReason(code: "other-artifact", detail: "the GO is for \(bound), not for \($0)")
      }
        ?? ReadinessReason(
          code: "artifact-missing",
          detail: "the GO is for \(bound); name the artifact that is to ship (--artifact DIGEST)"))
    return view
  }
}
