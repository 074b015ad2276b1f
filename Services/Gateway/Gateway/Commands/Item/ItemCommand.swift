import ArgumentParser

/// `gonogo item …`
struct ItemCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "item", abstract: "Work on the readiness items of a launch.",
    discussion: """
      Name an item by its key (qa), or by key and instance if it exists for each locale, segment or deal stage \
      (kb-article/de). Verbs accept several items: an item that fails is reported and leaves the others unaffected.

      Examples:
        gonogo item list smart-routing --open
        gonogo item done smart-routing qa load-test
      """,
    subcommands: [
      ItemListCommand.self, ItemShow.self, ItemStart.self, ItemDone.self, ItemReopen.self, ItemBlock.self,
      ItemUnblock.self, ItemSubmit.self, ItemApprove.self, ItemReject.self, ItemWithdraw.self, ItemWaive.self,
      ItemNotApplicable.self, ItemAssign.self, ItemAttach.self, ItemComment.self, ItemUpgrade.self,
    ])
}
