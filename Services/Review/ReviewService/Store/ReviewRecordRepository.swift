import LaunchModel
import Storage

/// The stored records of one review: attendance, explanations and outcomes.
struct ReviewRecordRepository {
  let db: any Transaction
  let launch: LaunchID
  let attempt: Int

  init(db: any Transaction, of review: ReviewRow) {
    self.db = db
    launch = review.launch
    attempt = review.attempt
  }

  func attended() throws -> [PersonID] {
    try db.query(
      "SELECT person FROM attendance WHERE launch = ? AND attempt = ? ORDER BY person", [launch, attempt]
    ).map { try $0.text("person") }
  }

  func attend(_ person: PersonID) throws {
    try db.execute(
      "INSERT INTO attendance (launch, attempt, person) VALUES (?, ?, ?) ON CONFLICT (launch, attempt, person) DO NOTHING",
      [launch, attempt, person])
  }

  /// The explanations, by metric key.
  func explanations() throws -> [String: String] {
    try texts("SELECT metric AS name, text FROM explanations WHERE launch = ? AND attempt = ?")
  }

  func explain(_ metric: String, _ text: String) throws {
    try db.execute(
      """
      INSERT INTO explanations (launch, attempt, metric, text) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, attempt, metric) DO UPDATE SET text = excluded.text
      """, [launch, attempt, metric, text])
  }

  /// The outcomes, by point id.
  func outcomes() throws -> [String: String] {
    try texts("SELECT point AS name, text FROM outcomes WHERE launch = ? AND attempt = ?")
  }

  func note(_ point: String, _ text: String) throws {
    try db.execute(
      """
      INSERT INTO outcomes (launch, attempt, point, text) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, attempt, point) DO UPDATE SET text = excluded.text
      """, [launch, attempt, point, text])
  }

  private func texts(_ query: String) throws -> [String: String] {
    let pairs = try db.query(query, [launch, attempt]).map { (try $0.text("name"), try $0.text("text")) }
    return Dictionary(pairs, uniquingKeysWith: { _, last in last })
  }
}
