public import LaunchModel

/// Runs the body with the built bus and services as processes in a folder of their own, and ends them all afterwards.
///
/// - Parameters:
///   - services: what is started, in this order; more can be started by the body.
///   - replicas: how many of each are started, and can be; more than one need PostgreSQL.
///   - clock: `START@RATE#ANCHOR`; nil for the system's clock.
///   - databaseURL: what `GONOGO_DATABASE_URL` is; nil for a store of its own on the engine that services are tested on.
@discardableResult
public func withRunningSystem<R: Sendable>(
  _ services: [ServiceName] = ServiceName.allCases, replicas: Int = 1, clock: String? = nil, databaseURL: String? = nil,
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
      folder: folder, clock: clock, databaseURL: databaseURL, replicas: replicas
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
