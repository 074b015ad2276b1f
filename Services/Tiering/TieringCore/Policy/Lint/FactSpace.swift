internal import LaunchModel

/// Every combination of facts that a policy can tell apart.
///
/// Kinds that stand in the same lists of the policy are one question, and so are audiences; flags that it does not ask about are
/// left out. What holds of every combination here holds of all facts.
struct FactSpace {
  let kinds: [[ChangeKind]]
  let audiences: [[Audience]]
  let flags: [Flag]

  /// A combination by the numbers of its answers.
  struct Point: Hashable {
    /// A bit for each group of kinds that is there; never 0.
    var kinds: Int
    /// The audience's group.
    var audience: Int
    /// A bit for each flag that is true.
    var flags: Int
  }

  init(_ policy: TierPolicy) {
    kinds = TierAlternatives.groups(ChangeKind.allCases, by: policy.rules.flatMap(\.when.kindLists))
    audiences = TierAlternatives.groups(Audience.allCases, by: policy.rules.flatMap(\.when.audienceLists))
    flags = policy.flags
  }

  /// How many there are, those without any kind, which no launch has, included.
  var size: Int { (1 << kinds.count) * audiences.count * (1 << flags.count) }

  /// How many a launch can have.
  var combinations: Int { size - audiences.count * (1 << flags.count) }

  /// The place of a combination among all.
  func index(of point: Point) -> Int { (point.kinds * audiences.count + point.audience) << flags.count | point.flags }

  /// The combination at a place.
  func point(at index: Int) -> Point {
    let rest = index >> flags.count
    return Point(
      kinds: rest / audiences.count, audience: rest % audiences.count, flags: index & ((1 << flags.count) - 1))
  }

  /// In words, as `kinds: new-feature`; flags that are false are left out.
  func words(_ point: Point) -> [String] {
    let present = kinds.enumerated().filter { point.kinds & (1 << $0.offset) != 0 }.map { $0.element[0].rawValue }
    let audience = audiences.count > 1 ? ["audience: \(audiences[point.audience][0].rawValue)"] : []
    let raised = flags.enumerated().filter { point.flags & (1 << $0.offset) != 0 }.map {
      "\($0.element.rawValue): true"
    }
    return ["kinds: \(present.joined(separator: ", "))"] + audience + raised
  }
}
