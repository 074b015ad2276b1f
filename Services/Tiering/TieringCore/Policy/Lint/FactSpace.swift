internal import BitCollections
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

/// Sets of combinations, by their places.
extension FactSpace {
  /// The combinations that a launch can have: those with a kind.
  var possible: BitSet { BitSet(perKinds..<size) }

  /// The combinations in which a condition holds, beside some that no launch can have.
  func holding(_ condition: TierCondition) -> BitSet {
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

  /// A fact that becomes more demanding.
  struct Step {
    /// What happens, as `pricing is true`.
    var what: String
    /// Where it can happen.
    var from: BitSet
    /// How far the place then is from the place before.
    var distance: Int
  }

  /// Each fact's step to the more demanding answer.
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

  /// How many combinations there are for each set of kinds.
  private var perKinds: Int { audiences.count << flags.count }

  private func group(of audience: Audience) -> Int? { audiences.firstIndex { $0.contains(audience) } }

  private func raised(_ flag: Int) -> BitSet { stripes(1 << flag, from: 1 << flag, every: 2 << flag) }

  private func reached(_ audience: Int) -> BitSet {
    stripes(1 << flags.count, from: audience << flags.count, every: perKinds)
  }

  private func present(_ kind: Int) -> BitSet {
    stripes(perKinds << kind, from: perKinds << kind, every: perKinds << (kind + 1))
  }

  /// So many places in a row, from one on, again and again.
  private func stripes(_ width: Int, from start: Int, every period: Int) -> BitSet {
    stride(from: start, to: size, by: period).reduce(into: BitSet(reservingCapacity: size)) { set, place in
      set.formUnion(place..<(place + width))
    }
  }
}
