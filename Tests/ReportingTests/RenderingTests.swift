import Contract
import JSON
import LaunchModel
import Testing

@testable import Reporting

@Suite("Reports as text")
struct RenderingTests {
  /// Text that ends whatever it stands in, if it is not escaped: tags, quotes with combining marks, reversed text.
  private static let hostile =
    "</title></script><img src=x onerror=alert(1)>\"\u{301} onload=\"x' | `a` *b* [c](d) \u{202E}gpj.exe שלום "
    + String(repeating: "Wort", count: 125)

  /// A report with the hostile text wherever people or other systems write.
  private static func hostileReport() -> LaunchReport {
    var (review, agenda, items) = (SampleLaunch.review, SampleLaunch.agenda, SampleLaunch.items)
    review.explanations["adoption"] = hostile
    review.actions[0].text = hostile
    review.learnings[0].text = hostile
    agenda.topics[0].label = hostile
    agenda.customers[0].account = hostile
    items[0].title = hostile
    return LaunchReport(
      at: SampleLaunch.exposedAt, launch: SampleLaunch.record(name: hostile), items: items,
      decision: SampleLaunch.decision, exposure: SampleLaunch.exposure, metrics: SampleLaunch.metrics,
      series: SampleLaunch.series, gaps: SampleLaunch.gaps, earlier: SampleLaunch.earlier, agenda: agenda,
      review: review, missing: [MissingPart(part: "poll", reason: hostile)])
  }

  @Test("A report with only the launch is short, and says what is missing")
  func markdown() throws {
    let report = LaunchReport(
      at: SampleLaunch.time("2027-02-01T09:00:00Z"), launch: SampleLaunch.record(tier: .minor, status: .preparing),
      missing: [MissingPart(part: "items", reason: "checklist is not running")])
    #expect(
      try report.text(as: .md) == """
        # Smart routing: Not shipped yet

        tier 3 · planned for 2 Mar 2027 · decision not known · owner dana

        - Tier 3 has no metrics.

        **Not in this report**

        - items: checklist is not running

        ## What customers asked

        _Launches of tier 3 have no review._

        ## Metrics

        _Launches of tier 3 have no metrics._

        ## Readiness by function

        _It could not be read._

        ## Due and done

        _The items could not be read._

        ## Decision

        _It could not be read._

        ## Overrides, violations, waivers

        - There may be more: the exposure or the items could not be read.

        ## Record

        _No audit chain could be read._

        ---

        gonogo report smart-routing · as of 2027-02-01 09:00Z

        """)
  }

  @Test(
    "Each part of a complete report has its figures",
    arguments: [
      "| adoption | ✗ missed | 26% | target ≥ 30% · 4 points below |",
      "**Adoption by day.** 26% of active accounts after 30 days; the target is 30%; earlier launches of tier 1 ended at: "
        + "saved-views 34%, bulk-edit 22%, macros 41%.",
      "**Tickets by day.** 98 tickets in 7 days; the forecast for the whole window is 120; most on day 1: 31; no alarm.",
      "**Satisfied customers.** Satisfied: this launch 88% of 200 answers, 95% interval 82.8% to 91.8%; other features "
        + "90% of 5,120 answers; probability that it is worse by more than the margin: 3%.",
      "| rules do not apply to reopened tickets | 32 | 32.7% | ▅█▃▃ | 21 | ✗ no article "
        + "| Reopened tickets — Our rule skips reopened tickets. Why? |",
      "- Closed without topics: the texts were lost.",
      "No article answers a topic of what customers asked: rules do not apply to reopened tickets.",
      "| search without result | export tags csv | 41 | Write an article about exporting tags |",
      "| acme | 7.5 | opened 4 tickets; escalated 1 ticket | lena, done: called, they switched it on again |",
      "| globex | 4 | gave 2 low scores | ○ no outcome yet |",
      "| Marketing | ✓ ready | 1 of 2 | Press kit | - |",
      "7 of 8 items done, 5 on time, 2 late; the latest was Load test at twice the expected peak, 8 days after it was due.",
      "- GO by dana (claimed by uid:1000) on 1 Mar 2027.",
      "| Write an article about exporting tags | priya | 2 Apr 2027 | ! overdue | - |",
      "| Check permissions of enterprise admins before GO | dana | version 4 of the template |",
      "- Absent: Marketing.", "| escalated ticket T-1042 | fixed in 4.2 |", "The audit chains are intact.",
      "**Digests, audit chains and codes**\n\n- The definition of the metrics: 5ea15ea1",
      "| customer acme | customer/acme |", "| not on the agenda; outcome: was merged into another one | topic/3 |",
    ])
  func parts(line: String) throws {
    #expect(try SampleLaunch.report().text(as: .md).contains(line))
  }

  @Test("Codes and digests are in a folded part at the end, and not before")
  func codes() throws {
    let text = try SampleLaunch.report().text(as: .md)
    let fold = try #require(text.ranges(of: "**Digests, audit chains and codes**").first)
    let (page, folded) = (text[..<fold.lowerBound], text[fold.upperBound...])
    for code in [
      "c0ffee01", "5ea15ea1", "d16e57", "1a1a1a", "topic/1", "search/export-tags", "escalation/T-1042", "customer/acme",
      "late/load-test", "smart-routing-a1", "smart-routing-l1",
    ] {
      #expect(!page.contains(code), "\(code)")
      #expect(folded.contains(code), "\(code)")
    }
    let html = try MarkupReader(try SampleLaunch.report().text(as: .html)).elements
    #expect(html.filter { $0.name == "summary" }.map(\.text) == ["Digests, audit chains and codes"])
  }

  @Test("Cells with dates are never broken: an escalation and the due dates of two actions")
  func dates() throws {
    let elements = try MarkupReader(try SampleLaunch.report().text(as: .html)).elements
    #expect(elements.count { $0.name == "td" && $0.attributes["class"] == "date" } == 3)
  }

  @Test(
    "An example has a dash between subject and body",
    arguments: [
      ("No switch\nWhere is it?\nThanks", "No switch — Where is it? Thanks"), ("Where is it?", "Where is it?"),
      ("", ""),
    ])
  func examples(text: String, line: String) {
    #expect(TicketExample.line(of: text) == line)
  }

  @Test(
    "An outcome from an action is given without the action's code",
    arguments: [
      ("action smart-routing-a1: Call acme", "Call acme"),
      ("action smart-routing-a1", "Call acme about reopened tickets"),
      ("action smart-routing-a2 (priya): to be called by 2027-04-09", "priya: to be called by 2027-04-09"),
      ("action smart-routing-a2 (priya, done): agreed", "priya, done: agreed"),
      ("action smart-routing-a27: unknown", "action smart-routing-a27: unknown"), ("fixed", "fixed"),
    ])
  func outcomes(outcome: String, words: String) {
    #expect(SampleLaunch.report().words(ofOutcome: outcome) == words)
  }

  @Test("The CSV has each value on its own line, and nothing that a spreadsheet would execute")
  func csv() throws {
    let lines = try SampleLaunch.report().text(as: .csv).split(separator: "\r\n")
    #expect(lines.first == "launch,section,subject,day,measure,value")
    for line in [
      "smart-routing,launch,smart-routing,,outcome,worked-in-part", "smart-routing,metric,adoption,,value,0.26",
      "smart-routing,metric,adoption,,gap,-0.04", "smart-routing,by day,tickets,3,count,17",
      "smart-routing,topic,topic/1,,tickets,32", "smart-routing,item,load-test,,done on,2027-02-27",
      "smart-routing,customer,acme,,because,opened 4 tickets; escalated 1 ticket",
    ] {
      #expect(lines.contains(Substring(line)), "\(line)")
    }
    #expect(CSVText.words("=1+1") == "'=1+1")
    #expect(CSVText.words("a=1") == "a=1")
    #expect(CSVText.text(of: [["a \"b\", c", "d"]]) == "\"a \"\"b\"\", c\",d\r\n")
  }

  @Test("The page is well-formed, and each chart has its own title and description")
  func html() throws {
    for report in [SampleLaunch.report(), Self.hostileReport()] {
      let elements = try MarkupReader(try report.text(as: .html)).elements
      let charts = elements.filter { $0.name == "svg" }
      // Adoption, tickets, satisfaction, and the timeline in two widths.
      #expect(charts.count == 5)
      let ids = elements.compactMap { $0.attributes["id"] }
      #expect(ids.count == Set(ids).count)
      for chart in charts {
        #expect(chart.attributes["role"] == "img")
        let named = chart.attributes["aria-labelledby"]?.split(separator: " ").map(String.init) ?? []
        let targets = named.compactMap { id in elements.first { $0.attributes["id"] == id } }
        #expect(targets.map(\.name) == ["title", "desc"])
        #expect(targets.allSatisfy { !$0.text.isEmpty })
      }
    }
  }

  @Test("What people write stays text, and creates no element, attribute or reversed text")
  func escaping() throws {
    let elements = try MarkupReader(try Self.hostileReport().text(as: .html)).elements
    let plain = try MarkupReader(try SampleLaunch.report().text(as: .html)).elements
    #expect(Set(elements.map(\.name)).isSubset(of: Set(plain.map(\.name)).union(["div", "h2", "li", "ul"])))
    let attributes = Set(elements.flatMap { $0.attributes.keys })
    #expect(attributes.isSubset(of: Set(plain.flatMap { $0.attributes.keys })))
    let page = try Self.hostileReport().text(as: .html)
    #expect(!page.unicodeScalars.contains("\u{202E}"))
    #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;"))
    let markdown = try Self.hostileReport().text(as: .md)
    #expect(markdown.contains("\\<img src=x onerror=alert(1)\\>"))
    #expect(markdown.contains("\\| \\`a\\` \\*b\\* \\[c\\](d)"))
  }

  @Test("The page loads no other resource")
  func selfContained() throws {
    let elements = try MarkupReader(try SampleLaunch.report().text(as: .html)).elements
    #expect(!elements.contains { ["script", "img", "iframe", "object"].contains($0.name) })
    let links = elements.flatMap { element in ["href", "src"].compactMap { element.attributes[$0] } }
    #expect(links == ["data:,"])
    let styles = elements.filter { $0.name == "style" }
    #expect(styles.count == 1)
    #expect(!styles[0].text.contains("url(") && !styles[0].text.contains("@import"))
  }
}
