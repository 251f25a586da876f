import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

/// Peptides from PDB files.
struct PDBModelTests {
  private func model(_ text: String) throws -> PDBModel {
    try withTemporaryFolder { folder in
      try text.write(toFile: "\(folder)/model.pdb", atomically: true, encoding: .utf8)
      return try PDBModel(path: "\(folder)/model.pdb")
    }
  }

  private func text(_ built: Built) -> String {
    pdbText(built.peptide.topology, positions: built.positions)
  }

  /// The lines of a PDB file but for those that a rule leaves out.
  private func lines(_ text: String, without rule: (String) -> Bool) -> String {
    text.split(separator: "\n").map(String.init).filter { !rule($0) }.joined(separator: "\n")
  }

  private func isHydrogen(_ line: String) -> Bool { line.hasSuffix(" H") }

  @Test(arguments: ["Ace-HID-HIE-HIP-ASH-GLH-LYN-Nme", "aPWi", "Ace-CYX-GLY-GLY-CYX-NH2"])
  func `what is written is read`(sequence: String) throws {
    var wanted = try PeptideSequence(sequence)
    try wanted.closeDisulfides()
    let built = try Built(wanted)
    let found = try model(text(built))
    #expect(found.sequence == wanted)
    let positions = try found.positions(of: built.peptide, field: built.field)
    for (a, b) in zip(positions, built.positions) {
      // Three decimals in ångström.
      for axis in 0..<3 { #expect(abs(a[axis] - b[axis]) < 5.1e-5) }
    }
  }

  @Test func `hydrogens that are missing are built`() throws {
    let built = try Built("Ace-TKSYP-Nme")
    let found = try model(lines(text(built), without: isHydrogen))
    #expect(found.sequence.text == "Ace-TKSYP-Nme")
    let positions = try found.positions(of: built.peptide, field: built.field)
    for bond in built.field.bonds {
      let apart = positions[Int(bond.atoms.x)] - positions[Int(bond.atoms.y)]
      #expect(abs((apart * apart).sum().squareRoot() / bond.length - 1) < 0.15)
    }
    let heavy = built.peptide.topology.atomicNumbers.indices.filter {
      built.peptide.topology.atomicNumbers[$0] != 1
    }
    for atom in heavy {
      #expect(abs(positions[atom].x - built.positions[atom].x) < 5.1e-5)
    }
    let stereochemistry = built.stereochemistry
    #expect(stereochemistry.handedness(positions) == stereochemistry.handedness(built.positions))
    // Those at stereocentres have one place only.
    let atom = try #require(built.peptide.topology.atomNames.firstIndex(of: "HA"))
    let apart = positions[atom] - built.positions[atom]
    #expect((apart * apart).sum().squareRoot() < 0.02)
  }

  @Test func `states of protonation are those of the hydrogens`() throws {
    let built = try Built("Ace-HIP-ASH-GLH-LYN-Nme")
    var renamed = text(built)
    for (state, plain) in [("HIP", "HIS"), ("ASH", "ASP"), ("GLH", "GLU"), ("LYN", "LYS")] {
      renamed = renamed.replacing(" \(state) ", with: " \(plain) ")
    }
    #expect(try model(renamed).sequence == built.peptide.sequence)
    let bare = try model(lines(renamed, without: isHydrogen))
    #expect(bare.sequence.text == "Ace-HDEK-Nme")
    #expect(bare.notes.count == 1 && bare.notes[0].contains("HIS 2 has no hydrogen on its ring"))
  }

  @Test func `other names of hydrogens are told by their places`() throws {
    let built = try Built("KA")
    let renamed = text(built).replacing(" H1  LYS", with: " HT1 LYS")
      .replacing(" HB2 LYS", with: " HB1 LYS").replacing(" HD2 LYS", with: "2HD  LYS")
    let found = try model(renamed)
    let positions = try found.positions(of: built.peptide, field: built.field)
    #expect(abs(positions[1].x - built.positions[1].x) < 5.1e-5)
  }

  @Test func `faults are named`() throws {
    let built = try Built("Ace-AS-Nme")
    let good = text(built)
    func message(_ text: String) throws -> String {
      do {
        let found = try model(text)
        _ = try found.positions(of: built.peptide, field: built.field)
        return ""
      } catch { return "\(error)" }
    }
    #expect(try message(good) == "")
    #expect(try message("nothing\n").contains("has no ATOM record"))
    #expect(try message(good.replacing("SER", with: "XYZ")).contains(":17: XYZ 3 is no amino acid"))
    #expect(
      try message(lines(good) { $0.contains(" OG  SER") }).contains(
        "heavy atoms are missing: SER 3 OG; complete"))
    #expect(
      try message(good.replacing(" OG  SER", with: " SG  SER")).contains("SER 3 has no atom SG"))
    #expect(try message(good.replacing(" SER A", with: " SER B")).contains("has the chains A, B"))
    #expect(
      try message(lines(good) { $0.contains(" SER ") }).contains(
        "C of ALA 2 and N of NME 4 are"))
    #expect(
      try message(good.replacing(" HB2 SER", with: " HB3 SER")).contains(
        "atom HB3 of SER 3 appears a second time"))
    #expect(try message(String(good.prefix(45))).contains("is no whole ATOM record"))
  }

  @Test func `residues of SEQRES without coordinates are told`() throws {
    let built = text(try Built("AEK"))
    let header = "SEQRES   1 A    5  GLY SER ALA GLU LYS\n"
    #expect(try model(header.replacing("GLY SER ", with: "") + built).notes.isEmpty)
    #expect(try model(header.replacing(" A ", with: " B ") + built).notes.isEmpty)
    let notes = try model(header + built).notes
    #expect(
      notes.count == 1 && notes[0].contains("SEQRES names 5 residues, of which 3 have coordinates"))
  }

  @Test func `disulfides of SSBOND that are not built are told`() throws {
    func header(_ second: Int) -> String {
      "SSBOND   1 CYS A    2    CYS A    \(second)                          1555   1555  2.90\n"
    }
    func plain(_ built: Built) -> String { lines(text(built), without: isHydrogen) }
    var joined = try PeptideSequence("Ace-CYX-GLY-GLY-CYX-NH2")
    try joined.closeDisulfides()
    #expect(try model(header(5) + plain(try Built(joined))).notes.isEmpty)
    // The sulfurs of the extended chain are apart.
    let apart = plain(try Built("Ace-CGGC-NH2"))
    #expect(try model(apart).notes.isEmpty)
    let notes = try model(header(5) + apart).notes
    #expect(notes.count == 1 && notes[0].contains("joins the residues 2 and 5, but"), "\(notes)")
    #expect(notes[0].hasSuffix("pass --disulfide 1-4"))
    let gone = try model(header(9) + apart).notes
    #expect(gone.count == 1 && gone[0].contains("which do not both have coordinates"), "\(gone)")
    #expect(try model(header(5).replacing(" A ", with: " B ") + apart).notes.isEmpty)
  }

  @Test(arguments: [
    ("H3  CYS", "CYS 1 has hydrogens, but 2 on N; as a charged end it gets 3"),
    ("HG  CYS", "CYS 1 has hydrogens, but none on SG; it gets one there"),
    ("HH  TYR", "TYR 2 has hydrogens, but none on OH; it gets one there"),
    ("H3  PRO", "PRO 1 has hydrogens, but 1 on N; as a charged end it gets 2"),
  ])
  func `a hydrogen that the file's state does not have is told`(atom: String, note: String) throws {
    let whole = text(try Built(atom.hasSuffix("PRO") ? "PY" : "CY"))
    #expect(try model(whole).notes.isEmpty)
    let notes = try model(lines(whole) { $0.contains(" \(atom) ") }).notes
    #expect(notes.count == 1 && notes[0].hasSuffix(note), "\(notes)")
  }

  @Test func `a mirror image is told by its coordinates`() throws {
    let built = try Built("Ace-aK-Nme")
    let named = text(built)
    #expect(named.contains("HETATM    7  N   DAL A   2"))
    #expect(try model(named).notes.isEmpty)
    let found = try model(named.replacing("DAL", with: "ALA"))
    #expect(found.sequence.text == "Ace-aK-Nme")
    #expect(found.notes.count == 1 && found.notes[0].contains("ALA 2 has the handedness of D"))
  }
}
