extension Rule {
  /// What no source may use, or only with its reason beside it (style: "What not to do").
  static let language: [Rule] = [
    .forbids(
      ["Task.detached"], name: "no task that nobody owns", mend: "await it in a task group or a service",
      in: { _ in true }
    ),
    .forbids(
      ["DispatchSemaphore", "DispatchGroup", "sem_wait"], name: "no semaphores",
      mend: "suspend on a continuation, or lock with Mutex", in: { _ in true }),
    .forbids(
      [
        Needle("sleep(", maybeMember: false), Needle("usleep(", maybeMember: false),
        Needle("nanosleep(", maybeMember: false), "Thread.sleep",
      ],
      name: "no blocking sleep", mend: "wait for what is meant to happen", in: { _ in true }),
    .forbids(
      ["Task.sleep", ".sleep("], name: "no test sleeps to be right",
      mend: "wait for the condition, or say on the line above why time must pass", in: { $0.path.hasPrefix("Tests/") },
      unlessExplained: true),
    .forbids(
      ["Date()", "Date.now", "gettimeofday(", "CLOCK_REALTIME", "time(nil)"], name: "the time comes from the clock",
      mend: "take a ServiceClock", in: { !$0.path.hasPrefix("Shared/LaunchModel/Time/") && $0.isProduct }),
    .forbids(
      [
        Needle("print(", maybeMember: false), Needle("debugPrint(", maybeMember: false),
        Needle("dump(", maybeMember: false),
      ],
      name: "only the gateway prints", mend: "log it",
      in: { !$0.path.hasPrefix("Services/Gateway/") && !$0.path.hasPrefix("Benchmarks/") }),
    .forbids(
      ["try!", "as!", "fatalError(", "preconditionFailure("], name: "nothing crashes on purpose",
      mend: "throw, or return nil",
      in: { _ in true }),
    .forbids(
      ["@unchecked Sendable", "nonisolated(unsafe)", "unsafeBitCast("], name: "what is unsafe is proven beside it",
      mend: "say on the line above why it is safe", in: { _ in true }, unlessExplained: true),
    .forbids(
      ["ProcessInfo.processInfo.environment", "getenv("], name: "settings are read in one place",
      mend: "take it as a setting", in: { $0.isProduct && !Self.readsSettings($0.path) }),
    .forbids(
      [
        Needle("exit(", maybeMember: false), Needle("_exit(", maybeMember: false),
        Needle("quick_exit(", maybeMember: false), "Glibc.exit(", "Foundation.exit(",
      ], name: "a process ends in one place",
      mend: "use ProcessEnd, which runs no handlers under threads that still work",
      in: { $0.isProduct && !$0.path.hasSuffix("/ProcessEnd.swift") }),
    Rule(name: "no catch that swallows", mend: "handle it, rethrow it or say why it may be ignored") { file in
      file.code.indices.filter { index in
        let line = trimmed(file.code[index]).split(separator: " ").joined(separator: " ")
        return (line.hasSuffix("catch {}") || line.hasSuffix("catch { }")) && !file.isExplained(at: index)
      }.map { $0 + 1 }
    },
    .forbids(
      ["try?"], name: "no error is dropped without a reason",
      mend: "catch the errors that are expected, or say on the line above why every error may be ignored",
      in: \.isProduct, unlessExplained: true),
    Rule(name: "a type is named for what it is", mend: "not Utils, Helper or Manager") { file in
      file.code.indices.filter { index in
        guard let name = Declaration(file.code[index])?.typeName else { return false }
        return ["Utils", "Utilities", "Helper", "Helpers", "Manager"].contains(where: name.hasSuffix)
      }.map { $0 + 1 }
    },
  ]

  private static func readsSettings(_ path: String) -> Bool {
    path.hasPrefix("Shared/ServiceKit/") || path.hasPrefix("Services/Gateway/") || path.hasSuffix("Main.swift")
  }
}
