import ArgumentParser

/// `gonogo calendar …`
struct CalendarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calendar", abstract: "Manage business days, blackouts and date conflicts.",
    subcommands: [
      CalendarShow.self, CalendarAdopt.self, CalendarConflicts.self, CalendarAccept.self, BlackoutCommand.self,
      CalendarExport.self, CalendarWorkday.self,
    ])
}
