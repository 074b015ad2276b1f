import LaunchModel
import Storage

extension StoreMove {
  /// The move of a service's store into its schema on the server; every audit chain must be whole on both sides.
  init<Service: DomainService>(of service: Service.Type, settings: ServiceSettings, to url: String) {
    let migrations = ServiceRuntime<Service>.migrations
    self.init(
      source: StorePlace(servicePath: "\(settings.dataFolder(of: Service.name))/store.sqlite"), url: url,
      schema: "gonogo_\(Service.name.rawValue)", migrations: migrations,
      checkSourceSchema: { try Migration.requireCurrent(migrations, $0) },
      verify: { try AuditChain(service: Service.name).requireWhole($0) })
  }
}

extension AuditChain {
  /// - Throws: `StorageError` with code `.unreadable` that names the first broken link of all chains.
  fileprivate func requireWhole(_ transaction: any Transaction) throws {
    for launch in try launches(transaction) {
      guard let broken = try verify(launch: launch, transaction) else { continue }
      throw StorageError(
        .unreadable,
        "the audit chain of \(launch) is broken at link \(broken.length): \(broken.detail); restore a backup from before that"
      )
    }
  }
}
