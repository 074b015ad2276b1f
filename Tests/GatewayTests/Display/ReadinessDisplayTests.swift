import Contract
import LaunchModel
import Testing

@testable import Gateway

@Suite("Readiness and the board as text")
struct ReadinessDisplayTests {
  private func text(_ result: some Displayable, width: Int? = 100) -> String {
    var page = Page()
    result.display(on: &page)
    return page.text(width: width)
  }

  @Test("The board fits into 100 columns, or into 80 if its counts have one digit")
  func board() {
    let states: [ReadinessState] = [.ready, .onTrack, .atRisk, .blocked, .unknown, .ready, .onTrack]
    let functions = zip(LaunchFunction.allCases, states).map {
      FunctionReadiness(function: $0, state: $1, done: 10, total: 12, blocking: [], nextDue: nil)
    }
    let view = ReadinessView(
      launch: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"),
      recommendation: .noGo, reasons: [], functions: functions)
    let board = text(BoardView(launches: [view]))
    #expect(
      board == """
        LAUNCH         T  DATE        CALL   ENG      PROD     MKTG     CS       SALES    SUPP     OPS
        smart-routing  1  2027-03-02  NO-GO  ✓ 10/12  · 10/12  ! 10/12  ✗ 10/12  ? 10/12  ✓ 10/12  · 10/12
        ✓ ready  · on track  ! at risk  ✗ blocked  ? unknown; items done/total

        """)
    #expect(board.split(separator: "\n").allSatisfy { $0.displayWidth <= 100 })
    var forecast = view
    forecast.forecast = Self.sample
    let wide = text(BoardView(launches: [forecast]), width: 120)
    #expect(wide.contains("2027-03-02  NO-GO     72%  ✓ 10/12"), "\(wide)")
    let narrower = text(BoardView(launches: [forecast]), width: 90)
    #expect(!narrower.contains("72%") && narrower.contains("smart-routing"), "left out before anything is cut")
    var small = view
    small.functions = functions.map {
      FunctionReadiness(function: $0.function, state: $0.state, done: 1, total: 2, blocking: [], nextDue: nil)
    }
    let narrow = text(BoardView(launches: [small]), width: 80)
    #expect(narrow.contains("\nsmart-routing 1 2027-03-02 NO-GO ✓ 1/2 · 1/2 ! 1/2"), "\(narrow)")
    #expect(narrow.split(separator: "\n").allSatisfy { $0.displayWidth <= 80 })
  }

  @Test("Readiness shows one line for each function, and every reason on request; each reason once")
  func readiness() {
    func reason(_ item: String, _ function: LaunchFunction?) -> ReadinessReason {
      ReadinessReason(
        code: "item-not-done", item: function.map { _ in item }, function: function, detail: "\(item) is open")
    }
    let reasons = [reason("qa", .engineering), reason("the seal", nil), reason("docs", .engineering)]
    let view = ReadinessView(
      launch: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"),
      recommendation: .noGo, reasons: reasons, functions: [],
      groups: [
        ReasonGroup(function: nil, overdue: 0, reasons: [1]),
        ReasonGroup(function: .engineering, overdue: 1, reasons: [2, 0]),
      ])
    let folded = text(ReadinessPage(view: view, showsAll: false))
    #expect(
      folded.hasSuffix(
        """
        Recommendation  NO-GO
          · Launch: the seal is open
          · Engineering (2, 1 overdue): docs is open, and 1 more
        gonogo ready smart-routing --all shows every reason

        """), "\(folded)")
    let whole = text(ReadinessPage(view: view, showsAll: true))
    #expect(
      whole.hasSuffix(
        """
        Recommendation  NO-GO

        Launch
          · the seal is open

        Engineering
          · docs is open
          · qa is open

        """), "\(whole)")
  }

  @Test("A halt is shown above the board, and risks below it")
  func halted() {
    let halt = Halt(
      number: 1, reason: "payments are failing", by: "dana", at: Sample.time("2027-03-02T14:00:00Z"))
    let view = ReadinessView(
      launch: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"),
      recommendation: .noGo, reasons: [], functions: [],
      risks: [ReadinessReason(code: "date-unconfirmed", detail: "the date is not confirmed")], halt: halt)
    let board = text(BoardView(launches: [view], halt: halt))
    #expect(board.hasPrefix("halted by dana since 2027-03-02T14:00:00Z: payments are failing\nLAUNCH"), "\(board)")
    #expect(board.contains("\n  · smart-routing: the date is not confirmed\n"), "\(board)")
    #expect(text(ReadinessPage(view: view, showsAll: false)).contains("\nhalted by dana since "))
    let poll = PollView(launch: Sample.launch, required: true, votes: [], silent: [.engineering], halt: halt)
    #expect(text(poll).hasPrefix("halted by dana since 2027-03-02T14:00:00Z: payments are failing\nFUNCTION"))
    let items = ItemList(launch: Sample.launch, items: [Sample.item("qa")], halt: halt)
    #expect(text(items).hasPrefix("halted by dana since 2027-03-02T14:00:00Z: payments are failing\nITEM"))
  }

  @Test("A halt with exceptions says whose gates are not closed by it")
  func halt() {
    func entry(_ reason: String) -> Halt.Entry {
      Halt.Entry(reason: reason, by: "dana", at: Sample.time("2027-03-02T14:00:00Z"))
    }
    func exception(_ launch: String, revoked: Bool = false) -> Halt.Exception {
      Halt.Exception(
        launch: Sample.id(launch), granted: entry("the fix"), revoked: revoked ? entry("it is not") : nil)
    }
    func shown(_ exceptions: [Halt.Exception]) -> String {
      let halt = Halt(
        number: 1, reason: "payments are failing", by: "dana", at: Sample.time("2027-03-02T14:00:00Z"),
        exceptions: exceptions)
      return text(HaltView(halt))
    }
    #expect(shown([]).hasPrefix("The line is halted: every gate is closed.\n"))
    #expect(shown([exception("sso", revoked: true)]).hasPrefix("The line is halted: every gate is closed.\n"))
    let one = shown([exception("smart-routing"), exception("sso", revoked: true)])
    #expect(one.hasPrefix("The line is halted: every gate is closed except that of smart-routing.\n"), "\(one)")
    let two = shown([exception("smart-routing"), exception("sso")])
    #expect(two.hasPrefix("The line is halted: every gate is closed except those of smart-routing, sso.\n"), "\(two)")
  }

  @Test("Waived items and waiver requests are shown beside the state, on the board and in readiness")
  func waived() {
    let function = FunctionReadiness(
      function: .engineering, state: .ready, done: 3, total: 5, blocking: [], nextDue: nil,
      waived: ["load-test", "benchmarks"], waiverRequests: ["rollout-plan"])
    let view = ReadinessView(
      launch: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"),
      recommendation: .go, reasons: [], functions: [function])
    let board = text(BoardView(launches: [view]))
    #expect(board.contains("✓ 3/5 2w"), "\(board)")
    #expect(board.contains("items done/total; 2w: 2 waived"), "\(board)")
    let ready = text(ReadinessPage(view: view, showsAll: false))
    for part in ["ready, 2 waived", "Waived", "load-test", "Waiver requests", "rollout-plan"] {
      #expect(ready.contains(part), "\(ready)")
    }
  }

  private static let sample = ForecastView(
    chance: 0.724, low: Sample.date("2027-02-27"), median: Sample.date("2027-03-01"), high: Sample.date("2027-03-08"),
    drivers: [
      ForecastDriver(item: "load-test", function: .engineering, gain: 0.081, chance: 0.85),
      ForecastDriver(item: "kb-article", instance: "de", function: .support, gain: 0.002, chance: 0.97),
    ], launches: 12)

  @Test("A forecast is one line beside the recommendation")
  func forecast() {
    var view = ReadinessView(
      launch: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"),
      recommendation: .noGo, reasons: [], functions: [], forecast: Self.sample)
    let line =
      "72% chance to be ready by 2027-03-02; likely 2027-02-27 to 2027-03-08; most affected by: load-test (+8%), "
      + "kb-article/de"
    func shown(width: Int? = 100) -> String { text(ReadinessPage(view: view, showsAll: false), width: width) }
    #expect(shown(width: nil).contains("Forecast        \(line)\n"), "\(shown(width: nil))")
    view.forecast?.note = "too little history: 2 of the 5 launches needed; most durations are assumed"
    #expect(shown(width: nil).contains("kb-article/de; too little history: 2 of the 5 launches needed; most"))
    let today = Sample.date("2027-02-01")
    view.forecast = ForecastView(chance: 1, low: today, median: today, high: today, drivers: [], launches: 12)
    #expect(shown().contains("Forecast        every blocking item is done\n"), "\(shown())")
    view.forecast = nil
    #expect(!shown().contains("Forecast"))
  }
}
