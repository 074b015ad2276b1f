import CSentenceEncoder
import JSON
import TestSupport
import Testing

@testable import Topics

@Suite("Sentence encoder")
struct SentenceEncoderTests {
  /// What PyPI's `tokenizers` 0.23 gives with the model's vocabulary (`BertWordPieceTokenizer`, without special tokens).
  static let splits: [(text: String, pieces: [Int])] = [
    ("How do I export tags to CSV?", [2129, 2079, 1045, 9167, 22073, 2000, 20116, 2615, 1029]),
    ("don't won't C++ #1", [2123, 1005, 1056, 2180, 1005, 1056, 1039, 1009, 1009, 1001, 1015]),
    ("Café crème À LA carte", [7668, 13675, 21382, 1037, 2474, 11122, 2063]),
    ("e\u{301}\u{301}a", [19413]),
    ("İstanbul STRAẞE Ёлка", [9960, 2358, 27807, 1185, 29436, 28598]),
    ("日本語のテスト", [1864, 1876, 1950, 1671, 30239, 30233, 30240]),
    ("한국어 각", [1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008, 1455, 30006, 30020]),
    ("مرحبا بالعالم", [1295, 17149, 29820, 29816, 25573, 1271, 25573, 23673, 29830, 25573, 23673, 22192]),
    ("שלום עולם", [1266, 29799, 29792, 29800, 1259, 29792, 29799, 29800]),
    ("👩‍💻 is 🔥🔥", [100, 2003, 100]),
    ("a\u{200b}b a\u{ad}b\0c", [11113, 5925]),
    ("a\tb\r\nc\u{3000}d\u{2028}e\u{b}f", [1037, 1038, 1039, 1040, 1041, 2546]),
    ("price €100 — “quoted”…", [3976, 1574, 18613, 1517, 1523, 9339, 1524, 1529]),
    ("ﬁne Ⅷ ㍿ 豈", [1984, 2638, 100, 100, 100]),
    ("supercalifragilistic", [3565, 9289, 10128, 29181, 24411, 4588]),
    ("হ্যালো", [1377, 29907, 29914, 29909, 29917, 29914]),
    ("𝔘𝔫𝔦 𐐀", [100, 100]),
  ]

  @Test("A text is split in the same way as by the model's own tokenizer", arguments: splits)
  func split(text: String, pieces: [Int]) {
    #expect(SentenceEncoder.pieces(of: text) == pieces)
  }

  @Test("Only the first 254 pieces of a text count, and reading stops after them")
  func limit() {
    let megabyte = String(repeating: "export fails ", count: 80_000)
    let duration = ContinuousClock().measure {
      #expect(SentenceEncoder.pieces(of: megabyte).count == 254)
    }
    #expect(duration < .milliseconds(500))
    let half = String(repeating: "export fails ", count: 127)
    #expect(SentenceEncoder.vector(of: megabyte) == SentenceEncoder.vector(of: half))
    #expect(SentenceEncoder.vector(of: half) != SentenceEncoder.vector(of: String(half.dropLast(7))))
  }

  @Test(
    "A megabyte without a word boundary is one unknown word, and a text without words is empty",
    arguments: [("x", [100]), (" ", []), ("\u{301}", []), ("\0", []), ("가", [100])] as [(String, [Int])])
  func megabyte(of character: String, pieces: [Int]) {
    #expect(SentenceEncoder.pieces(of: String(repeating: character, count: 1 << 20)) == pieces)
  }

  @Test("Every kernel gives the same bits", arguments: ["", "Café 日本 🔥", "the invoice shows the wrong amount"])
  func kernels(text: String) {
    let pieces = SentenceEncoder.wordPieces(of: text)
    let portable = SentenceEncoder.direction(of: pieces, kernel: GONOGO_KERNEL_PORTABLE).map(\.bitPattern)
    for kernel in [GONOGO_KERNEL_AVX2, GONOGO_KERNEL_AVX512_VNNI, GONOGO_KERNEL_DOTPROD] {
      guard gonogo_kernel_is_available(kernel) else { continue }
      #expect(SentenceEncoder.direction(of: pieces, kernel: kernel).map(\.bitPattern) == portable, "\(kernel)")
    }
  }

  /// FNV-1a over the bytes of the vector before it is rounded, as an emulated arm64 gives it. If one changes, vectors that are
  /// stored no longer match new ones.
  @Test(
    "A vector has the same bytes as on arm64",
    arguments: [
      ("", 0x085b_4048_5aaa_e1c6), ("I cannot find the export button", 0x70d4_c560_f8c1_30c8),
      ("Café crème 日本 한국어 Привет 🔥", 0x7612_7a9a_0510_aa93),
    ] as [(String, UInt64)])
  func fingerprint(text: String, expected: UInt64) {
    let pieces = SentenceEncoder.wordPieces(of: text)
    let direction = SentenceEncoder.direction(of: pieces, kernel: gonogo_fastest_kernel())
    let found = direction.flatMap { number in (0..<4).map { UInt64(number.bitPattern >> (8 * $0) & 0xff) } }
      .reduce(1_469_598_103_934_665_603 as UInt64) { ($0 ^ $1) &* 1_099_511_628_211 }
    #expect(found == expected)
  }

  @Test("Concurrent threads get the same results as a single thread")
  func threads() async {
    let texts = (0..<8).map { "ticket \($0): the export of report \($0 * 7) fails" }
    let alone = texts.map(SentenceEncoder.vector(of:))
    let together = await withTaskGroup(of: (Int, SentenceVector).self) { group in
      for (index, text) in texts.enumerated() {
        group.addTask { (index, SentenceEncoder.vector(of: text)) }
      }
      return await group.reduce(into: [Int: SentenceVector]()) { $0[$1.0] = $1.1 }
    }
    #expect(texts.indices.map { together[$0] } == alone)
    #expect(Set(alone).count == texts.count)
  }

  @Test("A text is nearer to one with the same meaning in other words than to one with the same words")
  func meaning() {
    let invoice = SentenceEncoder.vector(of: "The invoice shows the wrong amount")
    let bill = SentenceEncoder.vector(of: "I was overcharged on my bill")
    let map = SentenceEncoder.vector(of: "The map shows the wrong amount of rain")
    #expect(invoice.cosine(to: bill) > invoice.cosine(to: map))
  }

  @Test("The cosine is 1 for equal directions, -1 for opposite ones, 0 for a right angle or a zero vector")
  func cosine() throws {
    func vector(_ first: Int8, _ second: Int8) throws -> SentenceVector {
      try #require(SentenceVector(components: [first, second] + [Int8](repeating: 0, count: 382)))
    }
    let (east, west, north) = (try vector(2, 0), try vector(-127, 0), try vector(0, 5))
    #expect(east.cosine(to: east) == 1)
    #expect(east.cosine(to: west) == -1)
    #expect(east.cosine(to: north) == 0)
    #expect(east.cosine(to: try vector(0, 0)) == 0)
    // 3-4-5 triangle.
    #expect(abs(east.cosine(to: try vector(30, 40)) - 0.6) < 1e-6)
  }

  @Test("A vector needs 384 components", arguments: [0, 383, 385])
  func components(count: Int) {
    #expect(SentenceVector(components: [Int8](repeating: 1, count: count)) == nil)
  }
}

@Suite("Sentence encoder beside the original model", .enabled(if: TestData.isAvailable, "shared/data is missing"))
struct SentenceEncoderReferenceTests {
  @Test("Each reference text has the same pieces, and the stored vector has a cosine of at least .999")
  func reference() throws {
    let entries = try JSONCoding.decode([Entry].self, from: try TestData.bytes("minilm/reference.json"))
    #expect(entries.count == 20)
    for entry in entries {
      #expect(SentenceEncoder.pieces(of: entry.text) == entry.pieces, "\(entry.text)")
      let found = SentenceEncoder.vector(of: entry.text).components.map(Double.init)
      try #require(entry.embedding.count == found.count)
      let product = zip(found, entry.embedding).reduce(0) { $0 + $1.0 * $1.1 }
      let cosine = product / (length(of: found) * length(of: entry.embedding))
      #expect(cosine >= 0.999, "\(entry.text)")
    }
  }

  private struct Entry: Decodable {
    var text: String
    var pieces: [Int]
    var embedding: [Double]
  }

  private func length(of numbers: [Double]) -> Double {
    numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
