import ArgumentParser

/// The group that an approval or rejection is given for.
struct GroupOption: ParsableArguments {
  @Option(help: ArgumentHelp("The group, if you belong to several that are asked.", valueName: "group"))
  var group: String?
}
