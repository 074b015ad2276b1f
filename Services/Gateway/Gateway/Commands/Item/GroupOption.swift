import ArgumentParser

/// The group that an approval or rejection is given for.
struct GroupOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Group to answer for, if you belong to several whose approval is needed.", valueName: "group"))
  var group: String?
}
