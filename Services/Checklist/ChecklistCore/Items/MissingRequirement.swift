import Contract
import LaunchModel

/// Something that an item asks for and does not have.
enum MissingRequirement: Sendable, Hashable {
  /// Evidence of these kinds.
  case evidence([EvidenceKind])
  /// Attendees from these functions, of all that must be represented.
  case attendees(from: [LaunchFunction], of: [LaunchFunction])
  /// One person attended for several functions.
  case anotherAttendee(of: [LaunchFunction])
  /// People who are named and are not on the roster.
  case unknown([PersonID])
  /// The person who executes what the item documents.
  case executor
  /// A rollout in the launch's plan: why the present one is not enough.
  case rollout(String)
  /// The meeting has not taken place, and nothing confirms its slot.
  case meeting(LocalDate)
  /// The launch's first exposure, before which an item of the phase after cannot be done.
  case exposure(on: LocalDate?)
  /// A day that has not come yet.
  case day(LocalDate)
  /// The seal of the launch's success metrics, which completes the item.
  case seal
  /// Evidence in one of these forms.
  case form([EvidenceForm])
  /// The person in this role.
  case person(role: String)
  /// The person named does not have this role, which others on the roster have.
  case role(String, notOf: PersonID)
  /// A field that the launch's plan does not have.
  case field(RequiredField)
  /// The launch date, which has not come.
  case launchDate(LocalDate)
  /// Hypercare shifts for so many days: their gaps, or nil without a roster.
  case shifts(days: Int, gaps: [HypercareGap]?)

  /// What is missing, for lists and histories.
  var text: String {
    switch self {
    case .evidence(let kinds): "evidence: \(kinds.map(\.rawValue).joined(separator: ", "))"
    case .attendees(let absent, _): "attendees from \(absent.map(\.title).joined(separator: " and "))"
    case .anotherAttendee(let functions):
      "different attendees for \(functions.map(\.title).joined(separator: " and "))"
    case .unknown(let people):
      "people on the roster (\(people.listed) \(people.count == 1 ? "is" : "are") not)"
    case .executor: "the person who executes it"
    case .rollout(let why): "a rollout in the launch's plan: \(why)"
    case .meeting(let day): "the meeting on \(day), or evidence of its confirmed slot"
    case .exposure(let day):
      day.map { "a day on or after the exposure on \($0)" } ?? "the launch's exposure, which comes first"
    case .day(let day): "the day it happened: \(day) is in the future"
    case .seal: "the seal of the success metrics (gonogo metric seal)"
    case .form(let forms): "evidence: \(Self.alternatives(forms))"
    case .person(let role): "the person for \(role) (--person)"
    case .role(let role, notOf: let person): "a person with the role \(role), which \(person) does not have"
    case .field(let field): "the launch's \(Self.name(of: field)) (gonogo launch set)"
    case .launchDate(let day): "the launch date, \(day)"
    case .shifts(days: let days, gaps: nil): "a hypercare roster for \(days) days (gonogo hypercare roster)"
    case .shifts(days: let days, gaps: let gaps?): "hypercare shifts for \(days) days: \(Self.vacancy(gaps))"
    }
  }

  /// The first gap and the number of the others: `nobody is on shift from 2027-03-05T00:00 to 2027-03-05T08:00`.
  private static func vacancy(_ gaps: [HypercareGap]) -> String {
    guard let first = gaps.first else { return "" }
    let more = gaps.count == 1 ? "" : ", nor in \(gaps.count - 1) more \(gaps.count == 2 ? "gap" : "gaps")"
    return "nobody is on shift from \(first.from) to \(first.to)\(more)"
  }

  /// The forms as a choice: `a link, a file or a text of at least 40 characters`.
  private static func alternatives(_ forms: [EvidenceForm]) -> String {
    let texts = forms.map(\.text)
    return texts.count < 2 ? texts.joined() : texts.dropLast().joined(separator: ", ") + " or \(texts[texts.count - 1])"
  }

  private static func name(of field: RequiredField) -> String {
    switch field {
    case .rollout: "rollout"
    case .flag: "rollout flag"
    case .allHands: "All-Hands date"
    }
  }

  /// The refusal to mark the item as done or to submit it.
  func refusal(of name: String) -> Problem {
    switch self {
    case .evidence(let kinds):
      let fix = kinds == [.attendance] ? "name who attended (--attended)" : "attach it first"
      return .missing(
        "evidence",
        "\(name) lacks required evidence: \(kinds.map(\.rawValue).joined(separator: ", ")); \(fix)")
    case .attendees(let absent, let required):
      return .unfit(
        "attended",
        "\(name) needs attendees from \(required.map(\.title).joined(separator: " and ")); nobody attended from "
          + absent.map(\.title).joined(separator: " or "))
    case .anotherAttendee(let required):
      return .unfit(
        "attended",
        "\(name) needs attendees from \(required.map(\.title).joined(separator: " and ")), and one person counts for "
          + "only one of them; name another (--attended). The presenter does not count")
    case .unknown(let people):
      let names = people.map(\.excerpt).joined(separator: ", ")
      return .unfit(
        "attended",
        "\(name) names people who are not on the roster: \(names); name others (--attended, --presenter or --person)")
    case .executor:
      return .missing(
        "evidence",
        "\(name) must name who executes it: name someone on the roster (--person, or in the text), or assign the item "
          + "to them")
    case .rollout(let why):
      return .conflict(
        "rollout-missing", "\(name) cannot be done before the launch has a rollout: \(why) (gonogo launch set)")
    case .meeting(let day):
      return .missing(
        "evidence",
        "\(name) can be done on the meeting's date, \(day), or later; before that, attach evidence of the confirmed "
          + "slot (--link or --evidence)")
    case .exposure(let day):
      return .conflict(
        "not-exposed-yet",
        day.map {
          "\(name) cannot be done before the launch, whose exposure began on \($0); give that day or a later one (--on)"
        }
          ?? "\(name) cannot be done before the launch, which has not been exposed to anybody yet (gonogo launch ship)")
    case .day(let day): return .unfit("on", "\(day) is in the future")
    case .seal:
      return .conflict(
        "completed-by-metrics", "\(name) becomes done when the launch's metric plan is sealed (gonogo metric seal)")
    case .form(let forms):
      return .missing(
        "evidence",
        "\(name) lacks evidence: \(Self.alternatives(forms)); attach it (--link, --file or --evidence)")
    case .person(let role):
      return .missing("person", "\(name) must name a person on the roster for \(role) (--person PERSON)")
    case .role(let role, notOf: let person):
      return .unfit("person", "\(name) needs a person with the role \(role), which \(person) does not have (--person)")
    case .field(let field):
      return .conflict(
        "\(field == .allHands ? "all-hands" : "flag")-missing",
        "\(name) cannot be done before the launch has its \(Self.name(of: field)) (gonogo launch set)")
    case .launchDate(let day):
      return .conflict("before-launch-date", "\(name) can be done on the launch date, \(day), or later")
    case .shifts(days: let days, gaps: nil):
      return .conflict(
        "hypercare-roster-missing",
        "\(name) cannot be done before there is a hypercare roster for \(days) days (gonogo hypercare roster L FILE)")
    case .shifts(days: let days, gaps: let gaps?):
      return .conflict(
        "hypercare-gaps",
        "\(name) needs hypercare shifts without gaps for \(days) days; \(Self.vacancy(gaps)) "
          + "(gonogo hypercare roster L FILE)")
    }
  }
}

extension [PersonID] {
  /// The names as in a sentence: `a, b and c`.
  var listed: String {
    count < 2 ? joined() : dropLast().joined(separator: ", ") + " and \(self[count - 1])"
  }
}
