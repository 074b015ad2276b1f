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
  /// The number of events of a flood.
  var flood = 60_000
  /// How long a process lives before it is killed, in milliseconds.
  var life = 20...400

  /// Reads `GONOGO_KILLS`, `GONOGO_SEED` and `GONOGO_FLOOD`; defaults to the given number, a random seed and 60,000 events.
  static func fromEnvironment(kills: Int) -> KillPlan {
    let environment = ProcessInfo.processInfo.environment
    var plan = KillPlan(
      kills: environment["GONOGO_KILLS"].flatMap { Int($0) } ?? kills,
      seed: environment["GONOGO_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000))
    if let flood = environment["GONOGO_FLOOD"].flatMap({ Int($0) }) { plan.flood = flood }
    return plan
  }

  /// The victims in order; each service is killed once before any is killed again.
  func victims(of services: [ServiceName], using generator: inout SeededGenerator) -> [ServiceName] {
    var victims: [ServiceName] = []
    while victims.count < kills { victims += services.shuffled(using: &generator) }
    return Array(victims.prefix(kills))
  }
}
