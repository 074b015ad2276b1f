public import JSON

extension Roster {
  /// Reads and validates a roster file (contract.md, section 6).
  ///
  /// - Throws: `invalid` with every error.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    let roster = Self.read(document, faults)
    self = try faults.finish(roster, "invalid-roster", title: "the roster is invalid")
  }

  private static func read(_ document: JSONValue, _ faults: DocumentErrors) -> Roster? {
    let fields = ["people", "grants", "provenOnly", "delegates"]
    guard let reader = FieldReader(document, knowing: fields, faults) else { return nil }
    reader.require("people", "list each person, for example dana: {name: Dana Reyes, …}")
    guard let names = reader.names("people") else { return nil }
    var people: [PersonID: Person] = [:]
    for key in names.members.keys.sorted() {
      if key.isEmpty || key.contains(where: \.isWhitespace) {
        names.fault(key, "the key \"\(key)\" must be non-empty, without white space; put the full name in name")
      }
      people[key] = Person(reading: names, key)
    }
    let roster = Roster(
      people: people, grants: grants(reader, people), provenOnly: reader.strings("provenOnly") ?? [],
      delegates: delegates(reader))
    roster.check(names, reader)
    return roster
  }

  private static func grants(_ reader: FieldReader, _ people: [PersonID: Person]) -> [Grant] {
    (reader.elements("grants") ?? []).compactMap { pointer, value in
      Grant(reading: value, at: pointer, people: people.keys.sorted(), reader.faults)
    }
  }

  /// Checks the rules that span several fields.
  private func check(_ names: FieldReader, _ reader: FieldReader) {
    var owners: [Principal: PersonID] = [:]
    for (key, person) in people.sorted(by: { $0.key < $1.key }) {
      for (index, principal) in person.principals.enumerated() {
        let pointer = names.pointer.appending(key).appending("principals").appending("\(index)")
        if let other = owners.updateValue(key, forKey: principal), other != key {
          reader.faults.add(
            pointer, "\(principal) already belongs to \(other); a principal can belong to only one person")
        }
      }
    }
    if !people.values.contains(where: \.isProductOps) {
      reader.fault(
        "people",
        "nobody has the role product-ops, so nobody could make decisions or change the roster; give it to someone")
    } else {
      checkReach(names)
    }
    let groups = Set(people.values.flatMap(\.groups) + LaunchFunction.allCases.map(\.rawValue))
    for (index, group) in provenOnly.enumerated() where !groups.contains(group) {
      reader.faults.add(
        reader.pointer.appending("provenOnly").appending("\(index)"),
        "no person is in the group \"\(group)\"\(Suggestion.text(for: group, among: groups))")
    }
  }
}

extension Roster {
  /// Requires that someone can authenticate as Product Ops; otherwise the roster could never be changed again.
  private func checkReach(_ names: FieldReader) {
    let inCharge = people.filter { $0.value.isProductOps }.keys.sorted()
    let isReachable = inCharge.contains { person in
      people[person]?.principals.isEmpty == false
        || grants.contains { $0.onBehalfOf == "any" || $0.onBehalfOf == person }
    }
    guard !isReachable, let person = inCharge.first else { return }
    names.faults.add(
      names.pointer.appending(person),
      "no principal belongs to \(person) or may act for them, so nobody could make decisions or change the roster; "
        + "add principals, for example [\"uid:1000\"], or a grant with onBehalfOf")
  }
}

/// The values allowed in a person's `roles`.
private enum Role: String, CaseIterable {
  case productOps = "product-ops"
}

extension Person {
  init?(reading names: FieldReader, _ key: String) {
    let fields = ["name", "functions", "lead", "groups", "roles", "principals"]
    guard let reader = names.object(key, knowing: fields) else {
      if names.value(key) == nil { names.fault(key, "this person has no fields; give at least a name") }
      return nil
    }
    let name = reader.requiredString("name") ?? ""
    let functions = reader.words("functions", LaunchFunction.self) ?? []
    let lead = reader.words("lead", LaunchFunction.self) ?? []
    for (index, function) in lead.enumerated() where !functions.contains(function) {
      reader.faults.add(
        reader.pointer.appending("lead").appending("\(index)"),
        "\(key) leads \(function.rawValue) but is not a member; add \(function.rawValue) to functions")
    }
    let principals = (reader.strings("principals") ?? []).map { Principal($0) }
    for (index, principal) in principals.enumerated() where !principal.isWellFormed {
      let pointer = reader.pointer.appending("principals").appending("\(index)")
      reader.faults.add(pointer, Principal.fault(principal.rawValue))
    }
    self.init(
      name: name, functions: functions, lead: lead, groups: reader.strings("groups") ?? [],
      roles: (reader.words("roles", Role.self) ?? []).map(\.rawValue), principals: principals)
  }
}

extension Grant {
  init?(reading value: JSONValue, at pointer: JSONPointer, people: [PersonID], _ faults: DocumentErrors) {
    let fields = ["principal", "onBehalfOf", "publish", "rights"]
    guard let reader = FieldReader(value, at: pointer, knowing: fields, faults) else { return nil }
    let principal = Principal(reader.requiredString("principal") ?? "")
    if !principal.rawValue.isEmpty, !principal.isWellFormed {
      reader.fault("principal", Principal.fault(principal.rawValue))
    }
    let onBehalfOf = reader.string("onBehalfOf")
    if let onBehalfOf, onBehalfOf != "any", !people.contains(onBehalfOf) {
      let hint = Suggestion.text(for: onBehalfOf, among: people)
      reader.fault("onBehalfOf", "\"\(onBehalfOf)\" is not on this roster\(hint); give a person's key, or any")
    }
    var publish: Publish?
    if let grant = reader.object("publish", knowing: ["sources", "types", "items"]) {
      grant.require("sources", "list source prefixes, for example [\"//helpdesk/\"]")
      grant.require("types", "list type prefixes, for example [dev.gonogo.signal.ticket.]")
      publish = Publish(
        sources: grant.strings("sources") ?? [], types: grant.strings("types") ?? [], items: grant.strings("items"))
    }
    if ["onBehalfOf", "publish", "rights"].allSatisfy({ reader.value($0) == nil }) {
      faults.add(pointer, "this grant has neither onBehalfOf nor publish nor rights; give at least one")
    }
    self.init(
      principal: principal, onBehalfOf: onBehalfOf, publish: publish, rights: reader.words("rights", GrantedRight.self))
  }
}

extension Principal {
  /// Whether it is `uid:` followed by a number, or `key:` followed by a CURVE key.
  var isWellFormed: Bool {
    if rawValue.hasPrefix("uid:") { return UInt32(rawValue.dropFirst(4)) != nil }
    return rawValue.hasPrefix("key:") && rawValue.utf8.count > 4
  }

  static func fault(_ text: String) -> String {
    "\"\(text)\" is not a principal; write uid:NUMBER for a local user or key:KEY for a public key"
  }
}
