import Testing

@testable import Gateway

@Suite("Tables")
struct TableTests {
  private let table = Table(
    columns: [.left("launch"), .flexible("name"), .right("short by")],
    rows: [
      ["smart-routing", "Smart routing", "3 d"], ["kyoto", "京都 regional rollout", ""], ["a", "x", "12 d"],
    ])

  @Test("Columns are as wide as their widest cell, and numbers are right-aligned")
  func aligned() {
    #expect(
      table.lines(width: nil, style: .plain) == [
        "LAUNCH         NAME                   SHORT BY",
        "smart-routing  Smart routing               3 d",
        "kyoto          京都 regional rollout",
        "a              x                          12 d",
      ])
  }

  @Test("Only flexible columns are truncated, and only to fit a terminal")
  func cut() {
    #expect(
      table.lines(width: 40, style: .plain) == [
        "LAUNCH         NAME             SHORT BY",
        "smart-routing  Smart routing         3 d",
        "kyoto          京都 regional…",
        "a              x                    12 d",
      ])
    #expect(table.lines(width: 40, style: .plain).allSatisfy { $0.displayWidth <= 40 })
  }

  @Test("A column has a minimum width, however narrow the terminal")
  func narrow() {
    #expect(table.lines(width: 5, style: .plain)[1] == "smart-rou… Smart rou…      3 d")
  }

  @Test("Other columns are truncated once flexible columns have their minimum width")
  func others() {
    let lines = table.lines(width: 33, style: .plain)
    #expect(lines.allSatisfy { $0.displayWidth <= 33 }, "\(lines)")
    #expect(lines[1] == "smart-routi…  Smart rou…     3 d" || lines[1] == "smart-rout…  Smart rou…       3 d")
  }

  @Test("Columns are separated by one space if the table does not fit otherwise")
  func gap() {
    let dense = Table(columns: [.left("a"), .left("b")], rows: [["12345678", "12345678"]])
    #expect(dense.lines(width: 18, style: .plain)[1] == "12345678  12345678")
    #expect(dense.lines(width: 17, style: .plain)[1] == "12345678 12345678")
  }

  @Test("Columns that may be left out are left out one by one, before anything is cut")
  func leftOut() {
    let table = Table(
      columns: [.left("a"), .left("b"), .left("second").omittable(2), .left("first").omittable(1)],
      rows: [["12345678", "z", "x", "y"], ["across all columns"]])
    func rows(_ width: Int) -> [String] { table.lines(width: width, style: .plain) }
    #expect(rows(26) == ["A         B  SECOND  FIRST", "12345678  z  x       y", "across all columns"])
    #expect(rows(23)[1] == "12345678 z x      y")
    #expect(rows(22) == ["A         B  SECOND", "12345678  z  x", "across all columns"])
    #expect(rows(14) == ["A         B", "12345678  z", "across all columns"])
  }

  @Test("A table without rows shows its text for that case")
  func empty() {
    let table = Table(columns: [.left("launch")], whenEmpty: "no launches")
    #expect(table.lines(width: 80, style: .plain) == ["no launches"])
  }

  @Test("Colors cover the text, not the padding")
  func coloured() {
    let table = Table(columns: [.left("state"), .left("by")], rows: [[Text("done", .good), "dana"]])
    #expect(table.lines(width: nil, style: .coloured)[1] == "\u{1B}[32mdone\u{1B}[0m   dana")
  }
}
