/// A curve in one line of text, such as `▁▂▄▆█`: the height of each block shows a value, from 0 to the highest.
public enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// Returns the curve; a missing value is a space.
  ///
  /// - Parameters:
  ///   - values: none below 0.
  ///   - width: the maximum number of characters. If there are more values, each character shows the last of several.
  public static func text(of values: [Double?], width: Int) -> String {
    let count = min(values.count, width)
    let shown = (0..<count).map { values[($0 + 1) * values.count / count - 1] }
    let highest = shown.compactMap(\.self).max() ?? 0
    return String(
      shown.map { value -> Character in
        guard let value else { return " " }
        return highest > 0 ? blocks[Int((value / highest * Double(blocks.count - 1)).rounded())] : blocks[0]
      })
  }
}
