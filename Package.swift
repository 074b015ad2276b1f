// swift-tools-version: 6.2
import PackageDescription

/// The flags every target is built with: Swift 6 mode, the upcoming features the code is written in, warnings as errors.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")

func shared(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Shared/\(name)", resources: resources, swiftSettings: strict)
}

/// One domain: its pure core, its service and its executable, each in a folder of `Services/<name>`.
func domain(
  _ name: String, core: [Target.Dependency], service: [Target.Dependency] = []
) -> [Target] {
  let target = "\(name)Service"
  return [
    .target(
      name: "\(name)Core", dependencies: core, path: "Services/\(name)/\(name)Core", swiftSettings: strict),
    .target(
      name: target, dependencies: [.target(name: "\(name)Core"), "ServiceKit"] + service,
      path: "Services/\(name)/\(target)", swiftSettings: strict),
    .executableTarget(
      name: "gonogo-\(name.lowercased())", dependencies: [.target(name: target), "ServiceKit"],
      path: "Services/\(name)/gonogo-\(name.lowercased())", swiftSettings: strict),
  ]
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name), "TestSupport"] + dependencies,
    path: "Tests/\(name)Tests", exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "gonogo",
  products: [
    .executable(name: "gonogo", targets: ["gonogo"]),
    .executable(name: "gonogo-bus", targets: ["gonogo-bus"]),
    .executable(name: "gonogo-tiering", targets: ["gonogo-tiering"]),
    .executable(name: "gonogo-checklist", targets: ["gonogo-checklist"]),
    .executable(name: "gonogo-metrics", targets: ["gonogo-metrics"]),
    .executable(name: "gonogo-review", targets: ["gonogo-review"]),
    // What `Benchmarks/`, a package of its own, measures.
    .library(
      name: "GonogoShared",
      targets: ["ZeroMQ", "JSON", "LaunchModel", "Contract", "Topics", "Messaging", "Storage", "ServiceKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
    .package(url: "https://github.com/apple/swift-metrics", .upToNextMinor(from: "2.13.0")),
    .package(url: "https://github.com/apple/swift-collections", .upToNextMinor(from: "1.6.0")),
    // `gonogo.yaml` is read by `Documents`, so that no format of the package's own is needed.
    .package(url: "https://github.com/apple/swift-configuration", .upToNextMinor(from: "1.4.0"), traits: []),
    .package(url: "https://github.com/apple/swift-crypto", .upToNextMinor(from: "4.5.2")),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", .upToNextMinor(from: "2.13.0")),
    .package(url: "https://github.com/swiftlang/swift-subprocess", .upToNextMinor(from: "1.0.2")),
    .package(url: "https://github.com/apple/swift-system", .upToNextMinor(from: "1.8.1")),
    .package(url: "https://github.com/groue/GRDB.swift", .upToNextMinor(from: "7.10.0")),
    .package(url: "https://github.com/jpsim/Yams", .upToNextMinor(from: "6.2.2")),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", .upToNextMinor(from: "2.1.1")),
  ],
  targets: [
    .systemLibrary(
      name: "CZeroMQ", path: "Shared/CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(
      name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CMarkdown", path: "Shared/CMarkdown", pkgConfig: "libcmark-gfm",
      providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    shared("StandardStreams", []),
    // C, because it defines functions of the system's library for the whole executable.
    .target(name: "CConnections", path: "Shared/CConnections"),
    // Boost.Math's headers (libboost-math-dev) behind a C interface.
    .target(name: "CSpecialFunctions", path: "Shared/CSpecialFunctions"),
    // C, because it embeds 23 MB of weights and multiplies them with the processor's vector instructions.
    // Optimized in debug builds too: without, a text takes 100 ms instead of 20.
    .target(
      name: "CSentenceEncoder", path: "Shared/CSentenceEncoder", exclude: ["weights"],
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    shared("ZeroMQ", ["CConnections", "CZeroMQ", logging]),
    shared("JSON", []),
    shared("LaunchModel", ["JSON"]),
    // The comments of its declarations, for the schemas that it writes.
    shared("Contract", ["JSON", "LaunchModel"], resources: [.embedInCode("Comments")]),
    shared("Digests", ["JSON", crypto]),
    shared(
      "Documents", ["CMarkdown", "JSON", "LaunchModel", yams],
      resources: [.embedInCode("BuiltIn")]),
    shared("Topics", ["CSentenceEncoder"]),
    shared("Reporting", ["JSON", "Contract", "LaunchModel", mustache], resources: [.embedInCode("Templates")]),
    shared("Messaging", ["ZeroMQ", "JSON", "Contract", "LaunchModel", logging, metrics, collections]),
    shared("Storage", ["CPostgres", "JSON", "Contract", "Digests", "LaunchModel", grdb, grdbSQLite, logging]),
    shared(
      "ServiceKit",
      [
        "StandardStreams", "Messaging", "Storage", "Documents", "Digests", "JSON", "Contract", "LaunchModel", "ZeroMQ",
        logging, metrics, lifecycle, signals,
        configuration, argumentParser,
      ]),
    shared(
      "TestSupport",
      [
        "ServiceKit", "Messaging", "Storage", "Contract", "LaunchModel", "JSON", "ZeroMQ", grdb, grdbSQLite, logging,
        subprocess, system,
      ]),
  ]
    + domain(
      "Bus", core: ["JSON", "Contract", "LaunchModel", "Storage", grdb, grdbSQLite, crypto],
      service: [
        "StandardStreams", "JSON", "Contract", "LaunchModel", "Messaging", "Storage", "ZeroMQ", logging, lifecycle,
        signals, argumentParser, collections,
      ])
    + domain(
      "Tiering", core: ["JSON", "Contract", "LaunchModel", collections],
      service: ["JSON", "Contract", "Digests", "LaunchModel", "Messaging", "Storage", "Documents", logging])
    + domain(
      "Checklist", core: ["JSON", "Contract", "LaunchModel"],
      service: ["JSON", "Contract", "Digests", "LaunchModel", "Messaging", "Storage", "Documents", logging])
    + domain(
      "Metrics", core: ["CSpecialFunctions", "JSON", "Contract", "LaunchModel"],
      service: ["JSON", "Contract", "Digests", "LaunchModel", "Messaging", "Storage", "Documents", logging])
    + domain(
      "Review", core: ["JSON", "Contract", "LaunchModel", "Topics"],
      service: ["JSON", "Contract", "Digests", "LaunchModel", "Messaging", "Storage", "Documents", logging])
    + [
      .target(
        name: "Gateway",
        dependencies: [
          "StandardStreams", "Messaging", "Contract", "Digests", "LaunchModel", "JSON", "Documents", "Reporting",
          "Topics", "ZeroMQ", argumentParser, logging, yams, subprocess, system, signals, collections,
        ],
        path: "Services/Gateway/Gateway", swiftSettings: strict),
      .executableTarget(
        name: "gonogo", dependencies: ["Gateway", "StandardStreams", argumentParser], path: "Services/Gateway/gonogo",
        swiftSettings: strict),
      tests("StandardStreams", [system]),
      tests(
        "Gateway",
        [
          "StandardStreams", "Contract", "Digests", "LaunchModel", "JSON", "Documents", "Messaging", "Storage",
          "ZeroMQ", "Reporting", argumentParser, logging,
          subprocess,
          system,
        ]),
    ]
    + [
      tests("BusCore", ["JSON", "Contract", "LaunchModel", "Storage", grdb]),
      tests(
        "BusService",
        ["BusCore", "JSON", "Contract", "LaunchModel", "Messaging", "ServiceKit", "Storage", "ZeroMQ", logging]),
      // Kills the built processes; `deploy/kill-test` runs it at length.
      .testTarget(
        name: "KillTests",
        dependencies: ["TestSupport", "JSON", "Contract", "LaunchModel", "Messaging", "gonogo-bus"],
        path: "Tests/KillTests",
        swiftSettings: strict),
    ]
    + [
      tests("ChecklistCore", ["JSON", "Contract", "LaunchModel"], exclude: ["Oracle"]),
      tests(
        "ChecklistService",
        [
          "JSON", "Contract", "Digests", "LaunchModel", "Messaging", "ServiceKit", "Storage", "Documents",
          "TieringService", "MetricsService",
        ]),
      tests("MetricsCore", ["CSpecialFunctions", "JSON", "Contract", "LaunchModel"], exclude: ["Oracle"]),
      tests("MetricsService", ["JSON", "Contract", "LaunchModel", "Messaging", "ServiceKit", "Storage"]),
      tests("ReviewCore", ["Contract", "LaunchModel", "JSON"]),
      tests("Storage", ["JSON", "Contract", "LaunchModel", grdb]),
      tests(
        "ServiceKit", ["JSON", "Contract", "LaunchModel", "Messaging", "Storage", "ZeroMQ", argumentParser, logging]),
      tests(
        "ReviewService",
        ["ReviewCore", "Contract", "Digests", "LaunchModel", "JSON", "Messaging", "ServiceKit", "Storage"]),
      // Reads the sources, and rests on none of them.
      .testTarget(name: "TidyTests", path: "Tests/TidyTests", swiftSettings: strict),
      tests("JSON", []),
      tests("Contract", ["JSON", "LaunchModel"]),
      tests("Digests", ["JSON"]),
      tests("LaunchModel", ["JSON", "Contract"]),
      tests("Documents", ["JSON", "Contract", "LaunchModel"]),
      tests("Topics", ["CSentenceEncoder", "JSON"]),
      tests("Reporting", ["JSON", "Contract", "LaunchModel", subprocess]),
      tests("TieringCore", ["JSON", "Contract", "LaunchModel", "Documents"]),
      tests(
        "TieringService", ["JSON", "Contract", "LaunchModel", "Documents", "ServiceKit", "Messaging", "Storage"]),
    ]
    + [
      // What `deploy/contracts` runs. It is not part of the product, so it may know every service.
      .target(
        name: "ContractDocuments",
        dependencies: [
          "Contract", "LaunchModel", "JSON", "Messaging", "Storage", "ServiceKit", "ZeroMQ", logging, "BusCore",
          "BusService", "TieringService", "ChecklistService", "MetricsService", "ReviewService", "Gateway",
        ],
        path: "Tools/ContractDocuments", swiftSettings: strict),
      tests(
        "ContractDocuments",
        [
          "Contract", "LaunchModel", "JSON", "Messaging", "BusCore", "ServiceKit", "Storage", "TieringService",
          "ChecklistService", "MetricsService", "ReviewService", "Gateway", argumentParser,
        ]),
      .executableTarget(
        name: "gonogo-contracts", dependencies: ["ContractDocuments", "StandardStreams"],
        path: "Tools/gonogo-contracts",
        swiftSettings: strict),
    ]
    + [
      // What `deploy/simulate-metrics` runs, and a test in short. It is not part of the product.
      .target(
        name: "MetricsSimulation", dependencies: ["ChecklistCore", "Contract", "LaunchModel", "MetricsCore"],
        path: "Tools/MetricsSimulation",
        swiftSettings: strict),
      .executableTarget(
        name: "gonogo-simulate-metrics", dependencies: ["MetricsSimulation", "StandardStreams"],
        path: "Tools/gonogo-simulate-metrics", swiftSettings: strict),
      .testTarget(
        name: "MetricsSimulationTests", dependencies: ["MetricsSimulation"], path: "Tests/MetricsSimulationTests",
        swiftSettings: strict),
    ]
    + [
      tests("ZeroMQ", ["CConnections", "CZeroMQ", logging]),
      tests("Messaging", ["CZeroMQ", "ZeroMQ", "JSON", "Contract", "LaunchModel", logging]),
    ],
  cxxLanguageStandard: .cxx17
)
