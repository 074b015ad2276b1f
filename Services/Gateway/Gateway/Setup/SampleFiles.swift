import Contract
import LaunchModel

/// What `gonogo init` writes.
enum SampleFiles {
  /// A configuration that changes nothing, and a roster with the installing user alone.
  static func bare(uid: UInt32) -> [ConfigurationFile] {
    [
      ConfigurationFile(
        name: "gonogo.yaml", purpose: "the settings, all at their defaults", content: settings(folder: nil)),
      ConfigurationFile(name: "people.yaml", purpose: "the roster, with you alone", content: ownRoster(uid: uid)),
    ]
  }

  /// A trial kept below its folder: settings, ten people, a launch, its metrics and a learning.
  static func sample(folder: String, uid: UInt32) -> [ConfigurationFile] {
    [
      ConfigurationFile(
        name: "gonogo.yaml", purpose: "the settings, everything below this folder", content: settings(folder: folder)),
      ConfigurationFile(
        name: "people.yaml", purpose: "the roster, ten people you may act for", content: sampleRoster(uid: uid)),
      ConfigurationFile(name: "smart-routing.yaml", purpose: "a launch", content: launch),
      ConfigurationFile(name: "metrics.yaml", purpose: "its success metrics", content: metrics),
      ConfigurationFile(name: "learning.yaml", purpose: "a change of the checklist template", content: learning),
    ]
  }

  /// What to do with the sample.
  static func nextSteps(folder: String) -> String {
    """
    Next:
      cd \(folder)
      gonogo up --detach --clock 2027-01-13T14:00:00Z@1
      gonogo roster adopt people.yaml
      gonogo launch propose smart-routing.yaml
      gonogo item list smart-routing
    """
  }

  private static func settings(folder: String?) -> String {
    func line(_ key: String, _ value: String, _ comment: String) -> String {
      folder == nil ? "# \(key): \(value)   # \(comment)" : "\(key): \(value)"
    }
    return """
      # Settings of gonogo. Each can also be given as an environment variable, which takes precedence: GONOGO_RUN,
      # GONOGO_DATA, GONOGO_LOG_LEVEL, GONOGO_ENDPOINT_BUS and so on. gonogo.yaml is read from the folder in
      # GONOGO_CONFIG, else from the folder that a command is started in.

      # The folder of the sockets; a socket's path may have at most 107 bytes.
      \(line("run", folder.map { "\($0)/run" } ?? "/run/gonogo", "default $XDG_RUNTIME_DIR/gonogo"))

      # The folder of the stores.
      \(line("data", folder.map { "\($0)/data" } ?? "/var/lib/gonogo", "default ~/.local/state/gonogo"))

      # How much the services log: trace, debug, info, notice, warning, error or critical.
      log: {level: info}

      # Where a service is reached, if not at its socket in the run folder.
      # endpoint: {bus: "ipc:///run/gonogo/bus.sock"}

      """
  }

  private static func ownRoster(uid: UInt32) -> String {
    """
    # The roster: who is who. It counts from when it is adopted: gonogo roster adopt people.yaml
    #
    # functions   engineering, product, marketing, cs, sales, support, product-ops; each is a group for approvals too
    # lead        the functions a person answers the poll for
    # groups      further groups, as legal
    # roles       product-ops gives every right
    # principals  who that is to the system: uid:N is a user of this machine (id -u says which)
    people:
      me:
        name: The installing user
        functions: [product-ops]
        lead: [product-ops]
        roles: [product-ops]
        principals: ["uid:\(uid)"]

    # grants      what a principal may do beside its person's rights:
    #   - {principal: "uid:990", publish: {sources: ["//helpdesk/"], types: ["\(EventNamespace.signals)ticket."]}}
    #   - {principal: "uid:1000", onBehalfOf: any}
    grants: []

    """
  }

  private static func sampleRoster(uid: UInt32) -> String {
    """
    # The roster: ten people of a company, for trying things. It counts from when it is adopted:
    # gonogo roster adopt people.yaml
    #
    # functions   engineering, product, marketing, cs, sales, support, product-ops; each is a group for approvals too
    # lead        the functions a person answers the poll for
    # groups      further groups, as legal
    # roles       product-ops gives every right
    # principals  who that is to the system: uid:N is a user of this machine
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
      tomas:   {name: Tomas Alvarez, functions: [sales], lead: [sales]}

    # You are dana, and may act for any of the others with --on-behalf-of; the record then says "claimed by uid:\(uid)".
    grants:
      - {principal: "uid:\(uid)", onBehalfOf: any}

    """
  }
}
