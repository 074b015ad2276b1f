import Contract
import LaunchModel
import Storage

/// The stored policy proposals.
struct PolicyProposalRepository {
  let db: any Transaction

  /// The id of the next proposal, for example `policy-2`.
  func nextID() throws -> String {
    let count = try db.queryOne("SELECT COUNT(*) AS proposals FROM policy_proposals")?.int("proposals") ?? 0
    return "policy-\(count + 1)"
  }

  func all() throws -> [PolicyProposal] {
    try db.query("SELECT document FROM policy_proposals ORDER BY place").map {
      try $0.json("document", as: PolicyProposal.self)
    }
  }

  /// The proposal with an id; nil if there is none.
  func find(_ id: String) throws -> PolicyProposal? {
    try db.queryOne("SELECT document FROM policy_proposals WHERE proposal = ?", [id])?
      .json("document", as: PolicyProposal.self)
  }

  /// - Throws: `proposal-not-found`.
  func required(_ id: String) throws -> PolicyProposal {
    guard let proposal = try find(id) else {
      throw Problem.notFound("proposal-not-found", title: "no such proposal", "no proposal \"\(id)\"")
    }
    return proposal
  }

  func save(_ proposal: PolicyProposal) throws {
    try db.execute(
      """
      INSERT INTO policy_proposals (proposal, place, document)
      VALUES (?, (SELECT COUNT(*) + 1 FROM policy_proposals), ?)
      ON CONFLICT (proposal) DO UPDATE SET document = excluded.document
      """, [proposal.id, try SQLValue.json(proposal)])
  }
}

/// The rules that decided launches' computed tiers, and the overrides of those tiers.
///
/// A row has the tier that the rule results in now or, if it was overridden, resulted in at that time.
struct RuleRepository {
  let db: any Transaction

  /// Stores the rules that decide a launch's computed tier. Rows of earlier overrides are kept with their tiers.
  func save(_ record: LaunchRecord) throws {
    let launch = record.plan.launch
    try db.execute("DELETE FROM rule_outcomes WHERE launch = ? AND overridden IS NULL", [launch])
    // An override to the computed tier itself does not contradict the rule.
    let against = record.override?.tier == record.tierComputed ? nil : record.override?.tier
    let tier: SQLValue = against.map { .integer(Int64($0.rawValue)) } ?? .null
    for reason in record.tierReasons where reason.tier == record.tierComputed {
      try db.execute(
        """
        INSERT INTO rule_outcomes (launch, rule, computed, overridden) VALUES (?, ?, ?, ?)
        ON CONFLICT (launch, rule) DO UPDATE SET computed = excluded.computed, overridden = excluded.overridden
        WHERE excluded.overridden IS NOT NULL
        """, [launch, reason.rule, record.tierComputed.rawValue, tier])
    }
  }

  /// How often each rule decided and was overridden, for every rule that ever decided, sorted by key.
  func records() throws -> [RuleRecord] {
    try db.query(
      """
      SELECT rule, COUNT(*) AS launches, COUNT(CASE WHEN overridden < computed THEN 1 END) AS raised,
        COUNT(CASE WHEN overridden > computed THEN 1 END) AS lowered
      FROM rule_outcomes GROUP BY rule ORDER BY rule
      """
    ).map { row in
      RuleRecord(
        rule: try row.text("rule"), launches: try row.int("launches"), raised: try row.int("raised"),
        lowered: try row.int("lowered"))
    }
  }
}
