internal import BitCollections
internal import LaunchModel

/// All combinations of facts that a policy can distinguish.
///
/// Kinds that the policy's lists never distinguish form one group, and likewise audiences. Flags that the policy does
/// not use are omitted. So whatever is true of every combination here is true of all facts.
struct FactSpace {
  let kinds: [[ChangeKind]]
  let audiences: [[Audience]]
  let flags: [Flag]

  /// A combination of facts, as group numbers and bit masks.
  struct Point: Hashable {
    /// A bit for each group of kinds that is present; never 0.
    var kinds: Int
    /// The index of the audience's group.
    var audience: Int
    /// A bit for each flag that is true.
    var flags: Int
  }

  init(_ policy: TierPolicy) {
    kinds = TierAlternatives.groups(ChangeKind.allCases, by: policy.rules.flatMap(\.when.kindLists))
    audiences = TierAlternatives.groups(Audience.allCases, by: policy.rules.flatMap(\.when.audienceLists))
    flags = policy.flags
  }

  /// The number of combinations, including those without a kind, which no launch can have.
  var size: Int { (1 << kinds.count) * audiences.count * (1 << flags.count) }

  /// The number of combinations that a launch can have: those with at least one kind.
  var combinations: Int { size - audiences.count * (1 << flags.count) }

  /// The index of a combination.
  func index(of point: Point) -> Int { (point.kinds * audiences.count + point.audience) << flags.count | point.flags }

  /// The combination at an index.
  func point(at index: Int) -> Point {
    let rest = index >> flags.count
    return Point(
      kinds: rest / audiences.count, audience: rest % audiences.count, flags: index & ((1 << flags.count) - 1))
  }

  /// The combination as text for people, for example `kinds: new-feature`; false flags are omitted.
  func words(_ point: Point) -> [String] {
    let present = kinds.enumerated().filter { point.kinds & (1 << $0.offset) != 0 }.map { $0.element[0].rawValue }
    let audience = audiences.count > 1 ? ["audience: \(audiences[point.audience][0].rawValue)"] : []
    let raised = flags.enumerated().filter { point.flags & (1 << $0.offset) != 0 }.map {
      "\($0.element.rawValue): true"
    }
    return ["kinds: \(present.joined(separator: ", "))"] + audience + raised
  }
}

/// Sets of combinations, by index.
extension FactSpace {
  /// The combinations that a launch can have: those with at least one kind.
  var possible: BitSet { BitSet(perKinds..<size) }

  /// The combinations for which a condition holds. May include combinations that no launch can have.
  func holding(_ condition: FactCondition) -> BitSet {
    switch condition {
    case .flag(let flag): flags.firstIndex(of: flag).map(raised) ?? []
    case .kinds(let wanted):
      kinds.indices.filter { wanted.contains(kinds[$0][0]) }.reduce(into: []) { $0.formUnion(present($1)) }
    case .audience(let wanted):
      audiences.indices.filter { wanted.contains(audiences[$0][0]) }.reduce(into: []) { $0.formUnion(reached($1)) }
    case .all(let conditions): conditions.reduce(into: possible) { $0.formIntersection(holding($1)) }
    case .any(let conditions): conditions.reduce(into: []) { $0.formUnion(holding($1)) }
    case .not(let condition): possible.subtracting(holding(condition))
    }
  }

  /// A change of one fact to a more demanding answer.
  struct Step {
    /// The change as text, for example `pricing is true`.
    var what: String
    /// The combinations in which the change is possible.
    var from: BitSet
    /// The difference between the indices after and before the change.
    var distance: Int
  }

  /// All steps by which one fact becomes more demanding: a kind is added, the audience grows, or a flag becomes true.
  var steps: [Step] {
    let added = kinds.indices.map { index in
      Step(
        what: "the kind \(kinds[index][0].rawValue) is added", from: possible.subtracting(present(index)),
        distance: perKinds << index)
    }
    let widened = zip(Audience.allCases, Audience.allCases.dropFirst()).compactMap { smaller, larger -> Step? in
      guard let from = group(of: smaller), let to = group(of: larger), from != to else { return nil }
      return Step(
        what: "the audience is \(larger.rawValue) instead of \(smaller.rawValue)", from: reached(from),
        distance: (to - from) << flags.count)
    }
    let stated = flags.indices.map { index in
      Step(what: "\(flags[index].rawValue) is true", from: possible.subtracting(raised(index)), distance: 1 << index)
    }
    return added + widened + stated
  }

  /// The number of combinations that have the same set of kinds.
  private var perKinds: Int { audiences.count << flags.count }

  private func group(of audience: Audience) -> Int? { audiences.firstIndex { $0.contains(audience) } }

  private func raised(_ flag: Int) -> BitSet { stripes(1 << flag, from: 1 << flag, every: 2 << flag) }

  private func reached(_ audience: Int) -> BitSet {
    stripes(1 << flags.count, from: audience << flags.count, every: perKinds)
  }

  private func present(_ kind: Int) -> BitSet {
    stripes(perKinds << kind, from: perKinds << kind, every: perKinds << (kind + 1))
  }

  /// The indices of periodic runs: `width` indices from `start`, and again after every `period`.
  private func stripes(_ width: Int, from start: Int, every period: Int) -> BitSet {
    stride(from: start, to: size, by: period).reduce(into: BitSet(reservingCapacity: size)) { set, index in
      set.formUnion(index..<(index + width))
    }
  }
}
