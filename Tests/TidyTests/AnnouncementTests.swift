import Testing

@Suite("Families of announcements")
struct AnnouncementTests {
  @Test("A reader of announcements alone reads every family that a service announces")
  func families() throws {
    let namespace = try Repository.here.text(of: "Shared/Contract/Events/EventType.swift")
    let names = try Repository.here.sources().filter(\.isProduct).flatMap { source in
      source.lines.joined(separator: " ").matches(of: /EventType<[^>]*>\(\s*"dev\.gonogo\.([a-z]+)\./).map {
        String($0.output.1)
      }
    }
    #expect(Set(names).count > 8, "they are found where they are declared")
    for family in Set(names) { #expect(namespace.contains("\"\(family)\""), "\(family) is in no list of families") }
  }
}
