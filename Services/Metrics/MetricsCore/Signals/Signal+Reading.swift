public import JSON
import Contract
import LaunchModel

extension Signal {
  /// Reads the data of an event; nil where no metric counts that type as such.
  ///
  /// - Throws: `SignalFault` where a required field is missing or a field that is read has the wrong form.
  public init?(type: String, data: JSONValue?) throws(SignalFault) {
    guard let type = SignalType(rawValue: type), Self.read.contains(type) else { return nil }
    try self.init(SignalFields(type: type, data: data))
  }

  private static let read: Set<SignalType> = [
    .featureUsed, .accountActive, .accountChanged, .articlePublished, .articleViewed, .articleRated, .ticketOpened,
    .ticketUpdated, .csatScored,
  ]

  private init?(_ fields: SignalFields) throws(SignalFault) {
    switch fields.type {
    case .featureUsed:
      self = .featureUsed(feature: try fields.text("feature"), account: try fields.text("account"))
    case .accountActive: self = .accountActive(account: try fields.text("account"))
    case .accountChanged: self = try Self.accountChanged(fields)
    case .articlePublished:
      self = .articlePublished(
        article: try fields.text("article"), locale: try fields.text("locale"),
        feature: try fields.optionalText("feature"), launch: try fields.optionalText("launch"))
    case .articleViewed:
      self = .articleViewed(
        article: try fields.text("article"), locale: try fields.optionalText("locale"),
        account: try fields.optionalText("account"))
    case .articleRated:
      self = .articleRated(
        article: try fields.text("article"), locale: try fields.optionalText("locale"),
        voter: try fields.optionalText("voter"), isHelpful: try fields.choice("rating", ["up": true, "down": false]))
    case .ticketOpened:
      self = .ticketOpened(
        ticket: try fields.text("ticket"), account: try fields.text("account"), about: try fields.statement())
    case .ticketUpdated:
      self = .ticketUpdated(
        ticket: try fields.text("ticket"), about: try fields.statement(),
        mergedInto: try fields.optionalText("mergedInto"))
    case .csatScored:
      self = .csatScored(
        ticket: try fields.text("ticket"), isSatisfied: try fields.satisfaction(),
        account: try fields.optionalText("account"), feature: try fields.optionalText("feature"),
        channel: try fields.optionalText("channel"))
    default: return nil
    }
  }

  private static func accountChanged(_ fields: SignalFields) throws(SignalFault) -> Signal {
    let account = try fields.text("account")
    let states = Dictionary(uniqueKeysWithValues: AccountState.allCases.map { ($0.rawValue, $0) })
    let state = try fields.choice("state", states)
    guard state == .merged else { return .accountChanged(account: account, state: state, mergedInto: nil) }
    let target = try fields.text("mergedInto")
    guard target != account else { throw fields.fault("mergedInto", "is the account itself") }
    return .accountChanged(account: account, state: state, mergedInto: target)
  }
}
