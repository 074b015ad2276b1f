import Configuration
import Documents
import Foundation
import LaunchModel
import Logging
import ZeroMQ

extension ServiceSettings {
  /// Reads the settings: flag before environment before `gonogo.yaml`.
  ///
  /// - Parameters:
  ///   - options: the flags.
  ///   - environment: the process's variables.
  ///   - workingFolder: where `gonogo.yaml` is looked for when no configuration folder is named.
  /// - Throws: `StartFailure` with the status for bad configuration, naming the setting.
  public static func load(
    options: ServiceOptions, environment: [String: String], workingFolder: String
  ) async throws -> ServiceSettings {
    let given = options.values
    let flags = InMemoryProvider(
      name: "flags",
      values: Dictionary(
        uniqueKeysWithValues: given.map { (AbsoluteConfigKey($0.path), ConfigValue(.string($1), isSecret: false)) }))
    let variables = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "gonogo")
    let first = SettingReader(reader: ConfigReader(providers: [flags, variables]))
    let configFolder = try first.text(.config)
    let file = try await settingsFile("\(configFolder ?? workingFolder)/gonogo.yaml")
    let reader = SettingReader(reader: ConfigReader(providers: [flags, variables, file]))
    return ServiceSettings(
      runFolder: try reader.folder(.run, workingFolder) ?? SettingDefaults.runFolder(environment, uid: geteuid()),
      dataFolder: try reader.folder(.data, workingFolder) ?? (try defaultDataFolder(environment)),
      configFolder: try reader.folder(.config, workingFolder), databaseURL: try reader.text(.databaseURL),
      endpoints: try reader.endpoints(), logLevel: try reader.logLevel(), clock: try reader.text(.clock),
      eventBytes: try reader.number(.eventBytes, in: 1_024...1_048_576) ?? 65_536,
      listen: try reader.endpoints(.listen), keys: try reader.keys(workingFolder))
  }

  private static func settingsFile(_ path: String) async throws -> FileProvider<YAMLSnapshot> {
    try check(path)
    do {
      let place = InMemoryProvider(values: ["filePath": .init(.string(path), isSecret: false), "allowMissing": true])
      return try await FileProvider<YAMLSnapshot>(config: ConfigReader(provider: place))
    } catch {
      throw StartFailure(.badConfiguration, "\(path) cannot be read: \(error)")
    }
  }

  private static func check(_ path: String) throws(StartFailure) {
    guard let bytes = FileManager.default.contents(atPath: path) else { return }
    do throws(Problem) {
      let document = try SourceDocument(parsing: Array(bytes), file: path)
      do throws(Problem) { try SettingsDocument.check(document.value) } catch { throw document.locating(error) }
    } catch {
      let faults = error.errors.map { fault in
        "\(path):\(fault.line.map(String.init) ?? "") \(fault.pointer): \(fault.detail)"
      }
      throw StartFailure(.badConfiguration, faults.isEmpty ? error.detail : faults.joined(separator: "; "))
    }
  }

  private static func defaultDataFolder(_ environment: [String: String]) throws -> String {
    guard let folder = SettingDefaults.dataFolder(environment) else {
      throw StartFailure(
        .badConfiguration, "there is neither XDG_STATE_HOME nor HOME to keep the data in; set GONOGO_DATA")
    }
    return folder
  }
}

/// Typed settings out of the providers, with messages that name the setting.
private struct SettingReader {
  let reader: ConfigReader

  /// Nil where the setting is not given or empty.
  func text(_ key: SettingKey) throws -> String? {
    let value = reader.string(forKey: ConfigKey(key.path))?.trimmingCharacters(in: .whitespaces)
    return value?.isEmpty == true ? nil : value
  }

  /// An absolute path.
  func folder(_ key: SettingKey, _ workingFolder: String) throws -> String? {
    guard let path = try text(key) else { return nil }
    let absolute = path.hasPrefix("/") ? path : "\(workingFolder)/\(path)"
    return absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
  }

  /// A whole number within the range.
  func number(_ key: SettingKey, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = try text(key) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw StartFailure(
        .badConfiguration,
        "\(key.variable) is \"\(text)\"; it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func logLevel() throws -> Logger.Level {
    guard let text = try text(.logLevel) else { return .info }
    guard let level = Logger.Level(rawValue: text.lowercased()) else {
      let allowed = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw StartFailure(
        .badConfiguration, "\(SettingKey.logLevel.variable) is \"\(text)\"; it can be \(allowed)")
    }
    return level
  }

  func endpoints() throws -> [ServiceName: [Endpoint]] {
    var endpoints: [ServiceName: [Endpoint]] = [:]
    for service in ServiceName.allCases { endpoints[service] = try self.endpoints(.endpoint(service)) }
    return endpoints
  }

  func endpoints(_ key: SettingKey) throws -> [Endpoint]? {
    guard let text = try text(key) else { return nil }
    do {
      return try text.split(separator: ",").map { try Endpoint($0.trimmingCharacters(in: .whitespaces)) }
    } catch {
      throw StartFailure(.badConfiguration, "\(key.variable): \(error)")
    }
  }

  func keys(_ workingFolder: String) throws -> KeyFolder? {
    guard let folder = try folder(.keys, workingFolder) else { return nil }
    do {
      return try KeyFolder(folder)
    } catch {
      throw StartFailure(.badConfiguration, "\(SettingKey.keys.variable): \(error)")
    }
  }
}
