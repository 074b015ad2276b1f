import ArgumentParser

/// The group that an approval or rejection is given for.
struct GroupOption: ParsableArguments {
  @Option(help: ArgumentHelp("Group to answer for, if you belong to several that must approve.", valueName: "group"))
  var group: String?
}
