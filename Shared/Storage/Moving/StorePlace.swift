/// A stopped process's SQLite file.
public struct StorePlace: Sendable, Hashable {
  /// The file.
  public var path: String
  /// The file that a process locks for as long as it works with the store.
  public var lockPath: String
  /// What it is, as a person would say it: `the bus's log in /var/lib/gonogo/bus`.
  public var purpose: String

  public init(path: String, lockPath: String, purpose: String) {
    self.path = path
    self.lockPath = lockPath
    self.purpose = purpose
  }

  /// A service's store, as `Database` locks it.
  public init(servicePath path: String) {
    self.init(path: path, lockPath: "\(path).lock", purpose: "the store \(path)")
  }
}
