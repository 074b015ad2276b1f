import Foundation
import LaunchModel
import TestSupport

/// The parameters of a kill run: short by default, long when run by `deploy/kill-test`.
struct KillPlan: Sendable {
  /// The number of kills.
  var kills: Int
  /// Determines victims and moments; the progress of the other processes still varies.
  var seed: UInt64
  var publishers = 4
  /// How long a process lives before it is killed, in milliseconds.
  var life = 20...400

  /// Reads `GONOGO_KILLS` and `GONOGO_SEED`; defaults to the given number and a random seed.
  static func fromEnvironment(kills: Int) -> KillPlan {
    let environment = ProcessInfo.processInfo.environment
    return KillPlan(
      kills: environment["GONOGO_KILLS"].flatMap { Int($0) } ?? kills,
      seed: environment["GONOGO_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000))
  }

  /// The victims in order; each service is killed once before any is killed again.
  func victims(of services: [ServiceName], using generator: inout SeededGenerator) -> [ServiceName] {
    var victims: [ServiceName] = []
    while victims.count < kills { victims += services.shuffled(using: &generator) }
    return Array(victims.prefix(kills))
  }
}
