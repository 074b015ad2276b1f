/// What it takes to do something (product.md, section 6).
public enum Right: Sendable, Hashable {
  case productOps
  /// A launch's owner.
  case ownLaunch(owner: PersonID)
  /// A function's lead.
  case leads(LaunchFunction)
  /// A function's member.
  case memberOf(LaunchFunction)
  case onRoster
  /// Reading: whoever is on the roster, and the installation's own processes, which ask one another.
  case read
  /// A member of a group; nobody approves for a group they are not in, Product Ops included.
  case approves(group: String)

  /// As a message names who may.
  public var holder: String {
    switch self {
    case .productOps: "Product Ops"
    case .ownLaunch(let owner): "the launch's owner (\(owner)) or Product Ops"
    case .leads(let function): "\(function.title)'s lead or Product Ops"
    case .memberOf(let function): "a member of \(function.title) or Product Ops"
    case .onRoster, .read: "somebody on the roster"
    case .approves(let group): "a member of the group \(group)"
    }
  }
}

/// The rules of who may do what.
public enum Rights {
  /// Whether the actor has the right; before there is a roster, everybody has every one.
  public static func allows(_ actor: Actor, _ right: Right) -> Bool {
    if actor.isBeforeRoster || actor.isService { return true }
    if actor.isInstallation, right == .read { return true }
    guard let entry = actor.entry else { return false }
    if case .approves(let group) = right { return entry.isIn(group) }
    if entry.isProductOps { return true }
    switch right {
    case .productOps, .approves: return false
    case .ownLaunch(let owner): return actor.person == owner
    case .leads(let function): return entry.lead.contains(function)
    case .memberOf(let function): return entry.functions.contains(function) || entry.lead.contains(function)
    case .onRoster, .read: return true
    }
  }

  /// - Throws: `forbidden`, saying who may, unless the actor has the right.
  public static func require(_ actor: Actor, _ right: Right) throws(Problem) {
    guard !allows(actor, right) else { return }
    try require(actor, anyOf: [right])
  }

  /// - Throws: `forbidden`, saying who may, unless the actor has one of the rights.
  public static func require(_ actor: Actor, anyOf rights: [Right]) throws(Problem) {
    guard !rights.contains(where: { allows(actor, $0) }) else { return }
    guard actor.entry != nil else {
      throw .forbidden(
        code: "not-on-roster", title: "not on the roster",
        "\(actor.principal) is nobody's principal on the roster; add it to a person's principals and adopt the roster")
    }
    let holders = rights.map(\.holder).joined(separator: ", or ")
    throw .forbidden("\(actor.person) may not do this; \(holders) may")
  }
}

extension Person {
  /// Whether the person has every right.
  public var isProductOps: Bool { roles.contains("product-ops") }

  /// Whether the person is in that group; every function is a group too.
  public func isIn(_ group: String) -> Bool { groups.contains(group) || functions.contains { $0.rawValue == group } }
}

extension Actor {
  /// Whether a service does this by itself.
  public var isService: Bool { principal.rawValue.hasPrefix("service:") }
}
