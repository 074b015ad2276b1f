import ArgumentParser
import Contract
import LaunchModel

struct MetricWatch: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show a launch's metrics, and update them until interrupted.",
    discussion: """
      A terminal shows the current figures in place. Elsewhere they are printed whenever they have changed. While a \
      service does not answer, the last figures stay on the screen, with the reason above them.
      """,
    examples: [
      "gonogo metric watch smart-routing",
      "gonogo metric watch smart-routing --interval 60 --output json",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(help: ArgumentHelp("How long to wait between updates.", valueName: "seconds")) var interval: Double = 2
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard interval >= 0.1, interval <= 3_600 else {
      throw ValidationError("--interval \(interval) is out of range: pass 0.1 to 3600 seconds")
    }
  }

  func run(in session: Session) async throws {
    let request = VerdictRequest(launch: launch.id)
    let pause = Duration.seconds(interval)
    // Figures may be stale without the bus's head. The call then fails, and the reason is displayed instead of a
    // warning.
    let session = session.requiringHead().polling()
    _ = try await untilInterrupted {
      var display = MetricWatchDisplay(session: session)
      display.open()
      defer { display.close() }
      while !session.console.output.isBroken {
        do {
          try display.show(try await session.call(MetricsRoutes.verdicts, request))
        } catch let failure as CallError where failure.problem.mayPass {
          display.show(failure)
        }
        try await Task.sleep(for: pause)
      }
    }
  }
}

/// The output of a watch: redrawn in place on a terminal, otherwise one result after the other.
struct MetricWatchDisplay {
  private let session: Session
  /// The latest figures; nil before the first answer.
  private var latest: Reply<MetricsView>?
  /// The figures that were last printed, without their time.
  private var printed: MetricsView?
  /// Why there are no newer figures; nil if the latest ones are current.
  private var reason: String?

  init(session: Session) { self.session = session }

  private var isInPlace: Bool { session.renderer.format == .table && session.console.output.size != nil }

  func open() { if isInPlace { session.console.write(Screen.opening) } }

  func close() { if isInPlace { session.console.write(Screen.closing) } }

  /// Shows current figures.
  mutating func show(_ reply: Reply<MetricsView>) throws {
    latest = reply
    reason = nil
    if isInPlace { return draw() }
    let content = reply.value.timeless
    guard content != printed else { return }
    if printed != nil { session.console.write(session.renderer.separator) }
    printed = content
    try session.print(reply)
  }

  /// Shows why there are no current figures.
  mutating func show(_ failure: CallError) {
    let message = GatewayError(failure).messages.joined(separator: "; ")
    let isNew = message != reason
    reason = message
    if isInPlace {
      draw()
    } else if isNew {
      session.console.warning(message)
    }
  }

  private func draw() {
    guard let size = session.console.output.size else { return }
    let lines = Self.page(latest?.value, reason).lines(width: size.columns, style: session.renderer.style)
    session.console.write(Screen.frame(lines, rows: size.rows))
  }

  /// Returns a page with the figures and, if they may be outdated, the reason.
  static func page(_ view: MetricsView?, _ reason: String?) -> Page {
    var page = Page()
    // Placed above the figures, so that it is visible even on a small screen.
    if let reason { page.paragraph(Text(reason, .warning)) }
    view?.display(on: &page)
    return page
  }
}

extension MetricsView {
  /// The figures without the members that change even if the figures do not: the time, the log offset, and the latest
  /// event.
  fileprivate var timeless: MetricsView {
    var view = self
    view.asOf = Timestamp(microseconds: 0)
    view.offset = 0
    for index in metrics.indices { view.metrics[index].watermark = nil }
    return view
  }
}
