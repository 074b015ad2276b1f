import ArgumentParser
import Contract
import LaunchModel

/// `gonogo metric feeds …`
struct MetricFeeds: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feeds", abstract: "Show which feeds deliver, and rule on those that do not.",
    discussion: """
      A feed is a type of event from one source. A figure is unknown if a feed that it needs is silent, or
      delivered too little in the figure's window.
      """,
    subcommands: [MetricFeedsList.self, MetricFeedsRetire.self, MetricFeedsAccept.self],
    defaultSubcommand: MetricFeedsList.self)
}

struct MetricFeedsList: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show when each feed delivered last, and whether it is silent.",
    examples: [
      "gonogo metric feeds list",
      "gonogo metric feeds list smart-routing",
    ])

  @Argument(help: ArgumentHelp("Only feeds that this launch's figures need.", valueName: "launch"))
  var launch: LaunchID?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.feeds, FeedsRequest(launch: launch))
  }
}

struct MetricFeedsRetire: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire", abstract: "Declare that a feed will not deliver again.",
    discussion: "Figures whose window begins later no longer need it. Its next event revokes this.",
    examples: [
      "gonogo metric feeds retire ticket.opened //old-helpdesk/ --reason moved",
      "gonogo metric feeds retire com.example.invite.sent //crm/ --reason ended",
    ])

  @OptionGroup var feed: FeedArguments
  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.retireFeed, FeedRuling(feed: feed.name, reason: explanation.reason))
  }
}

struct MetricFeedsAccept: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Accept that the events of a silent feed are lost.",
    discussion: "Figures whose window lacks these events stay inconclusive, even after the feed delivers again.",
    examples: [
      "gonogo metric feeds accept csat.scored //survey/ --reason 'no export left'",
      "gonogo metric feeds accept feature.used //app/ --reason 'lost in the outage'",
    ])

  @OptionGroup var feed: FeedArguments
  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.acceptFeed, FeedRuling(feed: feed.name, reason: explanation.reason))
  }
}

/// The feed that a command applies to.
struct FeedArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Event type; the short form of a signal works too, e.g. ticket.opened.", valueName: "type"))
  var type: String
  @Argument(help: ArgumentHelp("Source of the events.", valueName: "source")) var source: String

  var name: FeedName {
    let signal = SignalType(rawValue: "\(EventNamespace.signals)\(type).v1")
    return FeedName(type: signal?.rawValue ?? type, source: source)
  }
}

extension FeedsView: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .flexible("type"), .left("source"), .left("state"), .left("last seen"), .left("rhythm"), .left("silent since"),
      ], whenEmpty: "no feed has delivered anything yet")
    table.rows = feeds.map(\.cells)
    page.table(table)
    if !complete {
      page.paragraph(Text("The log is still being searched for earlier deliveries.", .warning))
    }
    if let incomplete {
      let types = incomplete.joined(separator: ", ")
      page.paragraph(
        Text("Too many sources: not all of \(types) are followed, so figures that rest on it are not known.", .warning))
    }
  }
}

extension FeedView: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Feed": Text("\(type) from \(source)"),
      "State": state.label,
      "Last seen": Text(lastSeen?.short),
      "Silent since": silentSince.map { Text($0.short, .warning) },
      "Decision": decision.map { Text("\($0.rawValue) by \(decidedBy ?? "-"): \(reason ?? "-")") },
    ])
  }

  fileprivate var cells: [Text] {
    [
      Text(type), Text(source), state.label, Text(lastSeen?.short), Text(rhythm.rawValue),
      Text(silentSince?.short, silentSince == nil ? .plain : .warning),
    ]
  }
}

extension FeedView.State {
  var label: Text {
    switch self {
    case .alive: Text(rawValue, .good)
    case .silent: Text(rawValue, .bad)
    case .accepted, .retired, .neverDelivered: Text(rawValue, .warning)
    }
  }
}
