// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"), .treatAllWarnings(as: .error),
]

/// Measures the figures in the README. A separate package, so its C code and its build do not affect the main one.
let package = Package(
  name: "gonogo-benchmarks",
  dependencies: [
    .package(name: "gonogo", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
  ],
  targets: [
    // A cheap publisher over libzmq, and a baseline in C that inserts into the same tables.
    .target(
      name: "CBench", cSettings: [.define("_GNU_SOURCE")],
      linkerSettings: [.linkedLibrary("zmq"), .linkedLibrary("sqlite3")]),
    .executableTarget(
      name: "gonogo-benchmarks",
      dependencies: [
        "CBench", .product(name: "GonogoShared", package: "gonogo"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // How fast tickets are encoded.
    .executableTarget(
      name: "encode",
      dependencies: [
        .product(name: "GonogoShared", package: "gonogo"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
  ]
)
