import Contract
import ContractDocuments
import JSON
import Testing

@Suite("The generated files of the contract")
struct GeneratedFilesTests {
  @Test("docs/contracts and the built-in comments are up to date", .timeLimit(.minutes(5)))
  func upToDate() async throws {
    let differences = try await ContractFiles.generated().differences()
    #expect(differences == [], "run deploy/contracts and commit what it writes")
  }

  @Test("Comments are found by type, member, case, method and event type, without their part about errors")
  func comments() {
    let source = """
      /// A launch, {braces} and all.
      public struct Launch: Codable {
        /// Its id, for example `sso`.
        public var id: String
        /// A state.
        ///
        /// More about it.
        public enum State: String {
          /// Not yet.
          case open
          case closed
        }
        /// Checks it.
        ///
        /// - Throws: if it fails.
        public func check() throws {
          let id = "}"
        }
      }

      extension Launch {
        /// How long.
        public var days: Int { 1 }
      }

      public enum Routes {
        /// Shows a launch.
        public static let show = Route<Reference, Launch>(
          .tiering, "launch.show", .read)
        /// Answers.
        public static func ping(_ service: ServiceName) -> Route<NoParameters, Ping> {
          Route(service, "service.ping", .read)
        }
        /// Announced.
        public static let shown = EventType<Launch>("dev.gonogo.launch.shown.v1")
      }
      """
    #expect(
      DocCommentReader.comments(in: [source]).value == [
        "Launch": "A launch, {braces} and all.", "Launch.id": "Its id, for example `sso`.",
        "Launch.State": "A state.\n\nMore about it.", "Launch.State.open": "Not yet.", "Launch.days": "How long.",
        "launch.show": "Shows a launch.", "service.ping": "Answers.", "dev.gonogo.launch.shown.v1": "Announced.",
      ])
  }
}
