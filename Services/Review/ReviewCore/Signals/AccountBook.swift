/// What each account is in the end: whether it is a customer, and what it was merged into.
struct AccountBook {
  private var latest: [String: AccountChange] = [:]

  init(_ changes: [AccountChange]) {
    for change in changes where latest[change.account].map({ $0.place < change.place }) ?? true {
      latest[change.account] = change
    }
  }

  /// The account that it lives on as, or nil where nobody is to be called: internal, test and closed ones.
  func customer(_ account: String) -> String? {
    var current = account
    var seen: Set<String> = []
    while let change = latest[current], change.state == "merged", let next = change.mergedInto,
      seen.insert(current).inserted
    {
      current = next
    }
    switch latest[current]?.state {
    case "internal", "test", "closed": return nil
    default: return current
    }
  }
}
