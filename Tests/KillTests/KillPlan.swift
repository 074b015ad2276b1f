import Foundation
import LaunchModel
import TestSupport

/// How a kill run goes: the short form by default, the long one from `deploy/kill-test`.
struct KillPlan: Sendable {
  /// How often a process is killed.
  var kills: Int
  /// The same seed chooses the same victims and moments; how far the others are by then is the machine's.
  var seed: UInt64
  var publishers = 4
  /// Between a process's being up and its end, in milliseconds.
  var life = 20...400

  /// `GONOGO_KILLS` and `GONOGO_SEED`, where they are set; else the given number, and a seed of today.
  static func fromEnvironment(kills: Int) -> KillPlan {
    let environment = ProcessInfo.processInfo.environment
    return KillPlan(
      kills: environment["GONOGO_KILLS"].flatMap { Int($0) } ?? kills,
      seed: environment["GONOGO_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000))
  }

  /// Who is killed, one after the other, each of them once before any a second time.
  func victims(of services: [ServiceName], using generator: inout SeededGenerator) -> [ServiceName] {
    var victims: [ServiceName] = []
    while victims.count < kills { victims += services.shuffled(using: &generator) }
    return Array(victims.prefix(kills))
  }
}
