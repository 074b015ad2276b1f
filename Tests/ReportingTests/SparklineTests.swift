import Reporting
import Testing

@Suite("Sparklines")
struct SparklineTests {
  @Test(
    "Blocks grow from 0 to the highest value, and a block for several values shows the last",
    arguments: [
      ([], 8, ""), ([0, 0], 8, "▁▁"), ([0.3], 8, "█"), ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
      ([nil, 1, 2], 8, " ▅█"), ([0, 7, 0, 1, 0, 7], 3, "█▂█"), ([1, 2, 7], 2, "▂█"),
    ] as [([Double?], Int, String)])
  func text(values: [Double?], width: Int, expected: String) {
    #expect(Sparkline.text(of: values, width: width) == expected)
  }
}
