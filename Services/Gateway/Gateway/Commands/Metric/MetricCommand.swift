import ArgumentParser

/// `gonogo metric …`
struct MetricCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metric", abstract: "Define and seal success metrics; show their verdicts.",
    subcommands: [
      MetricDefine.self, MetricCheck.self, MetricSeal.self, MetricAmend.self, MetricPlan.self, MetricShow.self,
      MetricWatch.self, MetricSeries.self, MetricPower.self, MetricExport.self, MetricGap.self, MetricRebuild.self,
      MetricFeeds.self, MetricCalibration.self, MetricDefaults.self,
    ])
}

/// The metric that a command applies to.
struct MetricArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("Metric key, e.g. adoption.", valueName: "metric")) var key: String
}
