internal import BitCollections
internal import LaunchModel

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
