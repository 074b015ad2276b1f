extension SampleFiles {
  /// A launch of tier 1.
  static let launch = """
    launch: smart-routing            # id: a-z, 0-9 and -
    name: Smart routing
    owner: dana
    feature: smart-routing           # the key by which signals name the feature
    date: 2027-03-02                 # the local date …
    timeZone: America/New_York       # … in this zone; default UTC
    calendar: US                     # business days; default Monday to Friday without holidays
    calendars: {support: PL}         # a function's own, where it differs
    locales: [en, de, fr]            # an article in each; default [en]
    segments: [enterprise]           # an email to each; default none
    allHands: 2027-02-25             # the next All-Hands before the launch
    facts:
      kinds: [new-surface]           # bug-fix, performance, ui-polish, new-feature, workflow-change,
                                     # capability-expansion, new-surface, flagship, new-product
      audience: subset               # none, subset, most or all
      changesWorkflow: true
      addsServerCompute: unknown     # counts as yes until somebody knows
    rollout: {kind: gradual, flag: smart-routing, stages: [5, 25, 100]}

    """

  /// What success of that launch is.
  static let metrics = """
    # Success is defined before the launch, and sealed: gonogo metric define smart-routing metrics.yaml, then seal.
    metrics:
      - {key: adoption, kind: adoption, target: ">= 30%", days: 30}
      - {key: tickets, kind: tickets, forecast: 120, days: 7}
      - {key: csat, kind: csat, margin: 5%, days: 30}
      - {key: kb, kind: articles, target: ">= 70% helpful", minimumVotes: 20, articles: [routing-intro]}
      - {key: kb-views, kind: articles, target: ">= 1000 views"}

    """

  /// What that launch taught, as a change of the checklist template.
  static let learning = """
    # A change of the checklist template: gonogo review learning propose LEARNING learning.yaml
    baseVersion: 1                   # the version it was made for; only the same item changed meanwhile is a conflict
    add:
      - key: admin-walkthrough
        title: Walk-through of the settings page recorded for administrators
        section: CS and Support readiness
        function: cs
        tiers: [0, 1]
        due: 3 business days before
        why: "smart-routing: administrators did not find the settings, and a third of the accounts never switched it on"

    """
}
