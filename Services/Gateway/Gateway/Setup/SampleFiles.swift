import Contract
import Glibc
import LaunchModel
import SystemPackage

/// The files that `gonogo init` writes.
enum SampleFiles {
  /// A configuration with all settings at their defaults, and a roster with only the installing user.
  static func bare(uid: UInt32) -> [ConfigurationFile] {
    [
      ConfigurationFile(
        name: "gonogo.yaml", purpose: "settings, all at their defaults", content: settings(folder: nil)),
      ConfigurationFile(name: "people.yaml", purpose: "the roster, with only you", content: ownRoster(uid: uid)),
    ]
  }

  /// Returns a trial installation with all data below its folder, and with the files used in the examples of the
  /// commands' help.
  static func sample(folder: String, uid: UInt32) -> [ConfigurationFile] {
    [
      ConfigurationFile(
        name: "gonogo.yaml", purpose: "settings, with all data below this folder", content: settings(folder: folder)),
      ConfigurationFile(
        name: "people.yaml", purpose: "the roster, ten people you may act on behalf of", content: sampleRoster(uid: uid)
      ),
      ConfigurationFile(name: "smart-routing.yaml", purpose: "a launch", content: launch),
      ConfigurationFile(name: "metrics.yaml", purpose: "its success metrics", content: metrics),
      ConfigurationFile(name: "learning.yaml", purpose: "a change to the checklist template", content: learning),
      ConfigurationFile(name: "hypercare.yaml", purpose: "support shifts after the launch", content: shifts),
      ConfigurationFile(name: "launches.csv", purpose: "more launches, to import", content: launches),
      ConfigurationFile(name: "cases.csv", purpose: "test cases for the tier policy", content: cases),
      ConfigurationFile(name: "events.ndjson", purpose: "events, to publish", content: events),
      ConfigurationFile(name: "acme.ics", purpose: "a calendar of holidays", content: calendar),
    ]
  }

  /// Returns the instructions for starting with the sample.
  static func nextSteps(folder: String) -> String {
    let steps = [
      "gonogo up --detach --clock 2027-01-13T14:00:00Z@1", "gonogo roster adopt people.yaml",
      "gonogo launch propose smart-routing.yaml", "gonogo item list smart-routing",
    ]
    return
      (["Next:"]
      + ((folder == "." ? [] : [ShellText.line(["cd"] + (folder.hasPrefix("-") ? ["--"] : []) + [folder])]) + steps).map
    { "  \($0)" }).joined(separator: "\n")
  }

  private static func settings(folder: String?) -> String {
    func line(_ key: String, _ value: String, _ comment: String) -> String {
      folder == nil ? "# \(key): \(value)   # \(comment)" : "\(key): \(YAMLText.scalar(value))"
    }
    return """
      # Settings of gonogo. Each can also be set by an environment variable, which takes precedence: GONOGO_RUN,
      # GONOGO_DATA, GONOGO_LOG_LEVEL, GONOGO_ENDPOINT_BUS and so on. gonogo.yaml is read from the folder in
      # GONOGO_CONFIG, else from the current folder.

      # Folder of the sockets; a socket's path may have at most 107 bytes.
      \(line("run", folder.map { "\($0)/run" } ?? "/run/gonogo", "default $XDG_RUNTIME_DIR/gonogo"))

      # Folder of the stores.
      \(line("data", folder.map { "\($0)/data" } ?? "/var/lib/gonogo", "default ~/.local/state/gonogo"))

      # Log level of the services: trace, debug, info, notice, warning, error or critical.
      log: {level: info}

      # Address of a service that is not at its socket in the run folder.
      # endpoint: {bus: "ipc:///run/gonogo/bus.sock"}

      """
  }

  private static func ownRoster(uid: UInt32) -> String {
    """
    # The roster: who is who. It applies once it is adopted: gonogo roster adopt people.yaml
    #
    # functions   engineering, product, marketing, cs, sales, support, product-ops; each is a group for approvals too
    # lead        functions for which the person answers the poll
    # groups      further groups, e.g. legal
    # roles       product-ops has every right
    # principals  how the system recognises the person: uid:N is a user of this machine (id -u prints N)
    people:
      me:
        name: The installing user
        functions: [product-ops]
        lead: [product-ops]
        roles: [product-ops]
        principals: ["uid:\(uid)"]

    # grants      what a principal may do in addition to its person's rights:
    #   - {principal: "uid:990", publish: {sources: ["//helpdesk/"], types: ["\(EventNamespace.signals)ticket."]}}
    #   - {principal: "uid:1000", onBehalfOf: any}
    grants: []

    """
  }

  private static func sampleRoster(uid: UInt32) -> String {
    """
    # The roster: ten people of a company, to try things with. It applies once it is adopted:
    # gonogo roster adopt people.yaml
    #
    # functions   engineering, product, marketing, cs, sales, support, product-ops; each is a group for approvals too
    # lead        functions for which the person answers the poll
    # groups      further groups, e.g. legal
    # roles       product-ops has every right
    # principals  how the system recognises the person: uid:N is a user of this machine
    people:
      dana:
        name: Dana Reyes
        functions: [product-ops]
        lead: [product-ops]
        roles: [product-ops]
        principals: ["uid:\(uid)"]
      ibrahim: {name: Ibrahim Chen, functions: [engineering], lead: [engineering], groups: [release]}
      lena:    {name: Lena Fischer, functions: [engineering]}
      priya:   {name: Priya Nair, functions: [product], lead: [product]}
      sofia:   {name: Sofia Lindqvist, functions: [product], groups: [legal]}
      marco:   {name: Marco Rossi, functions: [marketing], lead: [marketing]}
      aiko:    {name: Aiko Tanaka, functions: [marketing]}
      jonas:   {name: Jonas Weber, functions: [cs, support], lead: [cs]}
      grace:   {name: Grace Okafor, functions: [support], lead: [support]}
      tomas:   {name: Tomas Alvarez, functions: [sales], lead: [sales], groups: [legal]}

    # You are dana, and may act on behalf of the others (--on-behalf-of); the record then shows "claimed by uid:\(uid)".
    grants:
      - {principal: "uid:\(uid)", onBehalfOf: any}

    # A delegate may do whatever the person they stand in for may, until the end of that day; the record then shows \
    "aiko for marco".
    # delegates:
    #   - {from: marco, to: aiko, until: 2027-02-12}

    """
  }
}

extension SampleFiles {
  /// A launch of tier 1.
  static let launch = """
    launch: smart-routing            # id: a-z, 0-9 and -
    name: Smart routing
    owner: dana
    feature: smart-routing           # the key of the feature in signals
    date: 2027-03-02                 # local date …
    timeZone: America/New_York       # … in this zone; default: UTC
    calendar: US                     # business days; default: Monday to Friday without holidays
    calendars: {support: PL}         # a function's own, if it differs
    locales: [en, de, fr]            # an article in each; default: [en]
    segments: [enterprise]           # an email to each; default: none
    allHands: 2027-02-25             # the All-Hands before the launch
    facts:
      kinds: [new-surface]           # bug-fix, performance, ui-polish, new-feature, workflow-change,
                                     # capability-expansion, new-surface, flagship, new-product
      audience: subset               # none, subset, most or all
      changesWorkflow: true
      addsServerCompute: unknown     # counts as yes until it is known
    rollout: {kind: gradual, flag: smart-routing, stages: [5, 25, 100]}

    """

  /// The success metrics of that launch.
  static let metrics = """
    # Success is defined and sealed before the launch: gonogo metric define smart-routing metrics.yaml, then seal.
    metrics:
      - {key: adoption, kind: adoption, target: ">= 30%", days: 30}
      - {key: tickets, kind: tickets, forecast: 120, days: 7}
      - {key: csat, kind: csat, margin: 5%, days: 30}
      - {key: kb, kind: articles, target: ">= 70% helpful", minimumVotes: 20, articles: [routing-intro]}
      - {key: kb-views, kind: articles, target: ">= 1000 views"}

    """

  /// The support shifts for the 14 days after that launch.
  static let shifts = """
    # Elevated support coverage after the launch: gonogo hypercare roster smart-routing hypercare.yaml
    responseMinutes: 30              # a first response within 30 minutes; a shift can have its own target
    hours: {from: 08:00, to: 20:00}  # the hours to cover on each day; default: the whole day
    shifts:                          # local to the launch's time zone; until: repeated daily, up to that day
      - {person: grace, from: 2027-03-02T08:00, to: 2027-03-02T14:00, until: 2027-03-15}
      - {person: jonas, from: 2027-03-02T14:00, to: 2027-03-02T20:00, until: 2027-03-15}

    """

  /// What was learned from that launch, as a change to the checklist template.
  static let learning = """
    # A change to the checklist template: gonogo review learning propose LEARNING learning.yaml
    baseVersion: 1                   # the version it was made for; it conflicts only if the same item has changed since
    add:
      - key: admin-walkthrough
        title: Walk-through of the settings page recorded for administrators
        section: CS and Support readiness
        function: cs
        tiers: [0, 1]
        due: 3 business days before
        requires: [{link}]
        why: "smart-routing: administrators did not find the switch, and half of all tickets asked for it"

    """

  /// More launches, as a table.
  static let launches = """
    launch,name,owner,date,timeZone,calendar,kinds,audience,changesWorkflow
    faster-search,Faster search,ibrahim,2027-03-24,America/New_York,US,performance,most,no
    invoice-export,Invoice export,priya,2027-04-13,America/New_York,US,new-feature,subset,no

    """

  /// Facts, each with the tier that the policy should assign.
  static let cases = """
    name,kinds,audience,pricing,tier
    a new surface,new-surface,subset,,1
    a bug fix,bug-fix,subset,,3
    a bug fix that changes pricing,bug-fix,subset,yes,2

    """

  /// Signals from other systems.
  static let events = """
    {"specversion":"1.0","id":"sample-1","source":"//analytics/","type":"\(EventNamespace.signals)account.active.v1",\
    "data":{"account":"acme"}}
    {"specversion":"1.0","id":"sample-2","source":"//analytics/","type":"\(EventNamespace.signals)feature.used.v1",\
    "data":{"feature":"smart-routing","account":"acme"}}
    {"specversion":"1.0","id":"sample-3","source":"//helpdesk/","type":"\(EventNamespace.signals)ticket.opened.v1",\
    "data":{"ticket":"S-1","account":"acme","feature":"smart-routing","subject":"Where is the switch?"}}

    """

  /// A company's holidays, as iCalendar.
  static let calendar = [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Acme//Holidays//EN", "BEGIN:VEVENT", "UID:company-day@acme",
    "DTSTAMP:20261101T000000Z", "DTSTART;VALUE=DATE:20270514", "SUMMARY:Company day", "END:VEVENT", "END:VCALENDAR",
  ].map { "\($0)\r\n" }.joined()
}

/// A file that `gonogo init` writes.
struct ConfigurationFile: Sendable, Hashable {
  var name: String
  /// What the file is for, in a few words.
  var purpose: String
  var content: String

  /// Writes the file completely or not at all.
  ///
  /// - Throws: `GatewayError` with status `outputFailed` and the system's reason.
  func write(in folder: String) throws(GatewayError) {
    let path = FilePath(folder).appending(name)
    let draft = FilePath(folder).appending(".\(name).draft")
    do {
      let descriptor = try FileDescriptor.open(
        draft, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try descriptor.closeAfter { _ = try descriptor.writeAll(content.utf8) }
      try draft.move(to: path)
    } catch {
      // What is left of a draft is of no use; if it cannot be removed either, the first reason is the one to report.
      unlink(draft.string)
      throw GatewayError(.outputFailed, "cannot write \(path): \(error)")
    }
  }
}

extension FilePath {
  /// Renames the file, replacing any file at the other path.
  fileprivate func move(to other: FilePath) throws {
    guard rename(string, other.string) == 0 else { throw Errno(rawValue: errno) }
  }
}
