import Foundation
import Molecules
import Testing

/// Damaged files and files that ask for too much: each is one exact error.
struct BadPrmtopTests {
  private typealias Place = PrmtopError.Place

  /// Sections whose absence changes nothing, or is only worth a note.
  private static let optional: Set<String> = [
    "TITLE", "ATOMIC_NUMBER", "SCEE_SCALE_FACTOR", "SCNB_SCALE_FACTOR", "SOLTY", "HBOND_ACOEF",
    "HBOND_BCOEF", "HBCUT", "AMBER_ATOM_TYPE", "TREE_CHAIN_CLASSIFICATION", "JOIN_ARRAY", "IROTAT",
    "RADIUS_SET", "IPOL",
  ]

  @Test func `every section that the energy needs is missed by name`() throws {
    let whole = try EditedPrmtop()
    #expect(whole.flags.count == 41)
    for flag in whole.flags {
      var file = try EditedPrmtop()
      try file.remove(flag)
      if Self.optional.contains(flag) {
        #expect(throws: Never.self) { try file.read() }
      } else {
        file.expect(.missingFlag(path: file.path, flag: flag))
      }
    }
  }

  @Test func `what is no prmtop is told so`() throws {
    let file = try EditedPrmtop()
    let path = file.path
    file.expect(Data(), .empty(path: path))
    file.expect(Data("\n  \n".utf8), .empty(path: path))
    file.expect(Data("CDF\u{1}".utf8), .binary(path: path, offset: 3))
    file.expect(Data([0x1f, 0x8b, 8, 0]), .compressed(path: path, form: "gzip"))
    file.expect(Data([0xFF, 0xFE, 0x25, 0]), .wideText(path: path))
    file.expect(
      Data(file.text.replacing("\n", with: "\r").utf8), .carriageReturns(path: path))
    file.expect(Data("ATOM      1  N\n".utf8), .notPrmtop(path: path))
    #expect(!"\(PrmtopError.notPrmtop(path: path))".contains("ATOM"))
    let old = "ACE ALA\n    22     7    12     9    25    11    43    24     0     0    99     3\n"
    file.expect(Data(old.utf8), .oldStyle(path: path))
    file.expect(
      Data(("junk\n" + file.text).utf8), .unexpectedText(path: path, line: 1, found: "junk"))
  }

  @Test func `what cannot be opened is told so`() throws {
    let folder = FileManager.default.temporaryDirectory.path
    #expect(throws: PrmtopError.unreadable(path: folder, reason: "it is a directory")) {
      try readPrmtop(path: folder)
    }
    #expect(throws: PrmtopError.unreadable(path: "/no/such", reason: "no such file")) {
      try readPrmtop(path: "/no/such")
    }
    #expect(
      throws: PrmtopError.unreadable(path: "/dev/null", reason: "it is not a regular file")
    ) {
      try readPrmtop(path: "/dev/null")
    }
  }

  @Test func `fields that are not numbers are found`() throws {
    var file = try EditedPrmtop()
    let charge = try file.set("CHARGE", entry: 7, to: "****************")
    file.expect(.overflow(charge, column: 17))
    for text in ["NaN", "inf", "1.0E+999", "0x1p3", "1.0 2.0", "abc", "1.0E", ""] {
      try file.set("CHARGE", entry: 7, to: text)
      file.expect(.invalidNumber(charge, column: 17, found: text))
    }
    file = try EditedPrmtop()
    for text in ["1.5", "x", "--1", "1e2"] {
      let type = try file.set("ATOM_TYPE_INDEX", entry: 12, width: 8, perLine: 10, to: text)
      file.expect(.invalidNumber(type, column: 9, found: text))
    }
  }

  @Test func `formats that are missing, odd or of the wrong kind are found`() throws {
    let whole = try EditedPrmtop()
    let line = try whole.index("CHARGE") + 1
    var file = whole
    file.lines.remove(at: line)
    file.expect(.missingFormat(try file.place("CHARGE")))
    for format in [
      "(5E)", "(E16.8", "5E16.8", "(6(1x,E15.8))", "(0E16.8)", "(5Z16)", "(5E0.8)", "",
    ] {
      file.lines = whole.lines
      file.lines[line] = "%FORMAT\(format)"
      file.expect(
        .unknownFormat(
          try file.place("CHARGE", line: 1), found: format))
    }
    file.lines[line] = "%FORMAT(10I8)"
    file.expect(
      .wrongFormat(try file.place("CHARGE"), expected: "reals", found: "(10I8)"))
    file.lines = whole.lines
    file.lines[try file.index("ATOM_NAME") + 1] = "%FORMAT(10I8)"
    file.expect(.wrongFormat(try file.place("ATOM_NAME"), expected: "text", found: "(10I8)"))
  }

  @Test func `lines that do not keep to their columns are found`() throws {
    let whole = try EditedPrmtop()
    let line = try whole.index("CHARGE") + 3
    let place = try whole.place("CHARGE", line: 3)
    var file = whole
    file.lines[line] += "  9.9 junk"
    file.expect(.trailingText(place, found: "9.9 junk"))
    file.lines[line] = "\t" + whole.lines[line].dropFirst()
    file.expect(.tab(place, column: 1))
    file.lines = whole.lines + ["junk at the end"]
    // The last section is IPOL, one integer of eight columns.
    file.expect(
      .trailingText(
        Place(path: file.path, flag: "IPOL", line: file.lines.count), found: "the end"))
    file.lines = whole.lines
    file.lines.insert("%JUNK", at: line)
    file.expect(.unexpectedText(path: file.path, line: line + 1, found: "%JUNK"))
  }

  @Test func `a section that appears twice is found`() throws {
    var file = try EditedPrmtop()
    let first = try file.index("CHARGE") + 1
    file.append("CHARGE", "5E16.8", "  0.00000000E+00")
    let second = try #require(file.lines.lastIndex { $0 == "%FLAG CHARGE" }) + 1
    file.expect(
      .duplicateFlag(Place(path: file.path, flag: "CHARGE", line: second), firstLine: first))
  }

  @Test func `a number cut off by the end of the file is found`() throws {
    var file = try EditedPrmtop()
    // Without IPOL the file ends in the last number of SCREEN, which would be read as 7.
    try file.remove("IPOL")
    let line = try file.section("SCREEN").upperBound - 1
    let last = try #require(file.lines[...line].lastIndex { !$0.isEmpty })
    let text = file.lines[0...last].joined(separator: "\n")
    #expect(throws: Never.self) { try file.read(Data(text.utf8)) }
    for cut in 1...13 {
      let number = text.suffix(14).dropLast(cut)
      file.expect(
        Data(text.dropLast(cut).utf8),
        .truncated(
          Place(path: file.path, flag: "SCREEN", line: last + 1), found: String(number)))
    }
  }

  @Test func `no cut-off file is read as something else`() throws {
    let file = try EditedPrmtop()
    let whole = Data(file.text.utf8)
    let full = try file.read()
    // Steps that share no factor with the widths of the fields.
    let lengths =
      Array(stride(from: 1, to: whole.count, by: 131))
      + stride(from: whole.count - 600, to: whole.count, by: 5)
    for length in lengths {
      guard let found = try? file.read(whole.prefix(length)) else { continue }
      #expect(found.forceField == full.forceField, "cut to \(length) bytes")
      #expect(found.topology == full.topology, "cut to \(length) bytes")
    }
  }

  @Test func `no damaged byte traps`() throws {
    let file = try EditedPrmtop()
    let whole = Data(file.text.utf8)
    var generator = SeededGenerator(state: 11)
    var refused = 0
    for _ in 0..<120 {
      var bytes = whole
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
          Array("0123456789-+.E* %()\nI".utf8).randomElement(using: &generator) ?? 0
      }
      do {
        let prmtop = try file.read(bytes)
        _ = Energy(prmtop.forceField, solvent: ImplicitSolvent(model: .obc2))
      } catch is PrmtopError {
        refused += 1
      }
    }
    #expect(refused > 30)
  }
}
