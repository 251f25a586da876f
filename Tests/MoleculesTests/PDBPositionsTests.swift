import Foundation
import Molecules
import TestSupport
import Testing

/// Coordinates of a PDB file for a topology that is there already.
struct PDBPositionsTests {
  private let built: Built
  private let text: String

  init() throws {
    built = try Built(try PeptideSequence("Ace-AS-Nme"))
    text = pdbText(built.peptide.topology, positions: built.positions)
  }

  private func positions(_ text: String) throws -> [SIMD3<Double>] {
    try withTemporaryFolder { folder in
      try text.write(toFile: "\(folder)/x.pdb", atomically: true, encoding: .utf8)
      return try pdbPositions(path: "\(folder)/x.pdb", topology: built.peptide.topology).positions
    }
  }

  @Test func `what is written is read, in whatever order the atoms of a residue stand`() throws {
    var lines = text.split(separator: "\n").map(String.init)
    for text in [text, lines.joined(separator: "\n")] {
      for (a, b) in zip(try positions(text), built.positions) {
        // Three decimals in ångström.
        for axis in 0..<3 { #expect(abs(a[axis] - b[axis]) < 5.1e-5) }
      }
      lines.swapAt(1, 2)
    }
  }

  @Test func `atoms that are missing or too many, and other residues, are named`() throws {
    func problem(_ text: String) -> String {
      let error = #expect(throws: PDBError.self) { _ = try positions(text) }
      return error?.description ?? ""
    }
    let lines = text.split(separator: "\n").map(String.init)
    let without = lines.filter { !$0.contains(" HG  SER") }.joined(separator: "\n")
    #expect(problem(without).contains("SER 3 has no atom HG; it is to have every atom"))
    let less = lines.filter { !$0.contains("NME") }.joined(separator: "\n")
    #expect(problem(less).contains("has 3 residues, the topology has 4"))
  }
}
