public import LaunchModel

/// Runs the body with the built bus and services as processes in their own folder, and stops them all afterwards.
///
/// - Parameters:
///   - services: the services to start, in order; the body can start more.
///   - replicas: the number of replicas of each service, all of which are started; more than one requires PostgreSQL.
///   - clock: the clock's setting, `START@RATE#ANCHOR`; nil for the system clock.
///   - databaseURL: the value of `GONOGO_DATABASE_URL`; nil for a new store on `StorageEngine.standard`.
@discardableResult
public func withRunningSystem<R: Sendable>(
  _ services: [ServiceName] = ServiceName.allCases, replicas: Int = 1, clock: String? = nil, databaseURL: String? = nil,
  databaseURLs: [String] = [],
  _ body: @escaping @Sendable (RunningSystem) async throws -> R
) async throws -> R {
  guard databaseURL != nil || StorageEngine.standard == .sqlite else {
    return try await withPostgreSQLDatabase {
      try await withRunningSystem(services, replicas: replicas, clock: clock, databaseURL: $0, body)
    }
  }
  return try await withTemporaryFolder { folder in
    let (processes, launches) = AsyncStream.makeStream(of: ManagedProcess.self)
    let system = try RunningSystem(
      folder: folder, clock: clock, databaseURL: databaseURL, databaseURLs: databaseURLs, replicas: replicas
    ) { launches.yield($0) }
    return try await withThrowingTaskGroup(of: R?.self) { group in
      group.addTask {
        defer { launches.finish() }
        do {
          for replica in 1...replicas {
            for service in services { try await system.start(service, replica: replica) }
          }
          let result = try await body(system)
          await system.shutDown()
          return result
        } catch {
          await system.shutDown()
          throw error
        }
      }
      for await process in processes {
        group.addTask {
          await process.run()
          return nil
        }
      }
      var result: R?
      while let next = try await group.next() { result = next ?? result }
      guard let result else { throw CancellationError() }
      return result
    }
  }
}
