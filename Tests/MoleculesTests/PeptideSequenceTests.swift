import Kernels
import Molecules
import Testing

struct PeptideSequenceTests {
  @Test(arguments: [
    ("AEK", "ALA GLU LYS", "AEK"), ("Ace-AAA-Nme", "ACE ALA ALA ALA NME", "Ace-AAA-Nme"),
    ("ALA-GLU-LYS", "ALA GLU LYS", "AEK"),
    ("Ac-ala-Gly-NH2", "ACE dALA dLEU dALA GLY NHE", "Ace-alaG-NH2"),
    ("Ac-Ala-Gly-NH2", "ACE ALA GLY NHE", "Ace-AG-NH2"), ("aGk", "dALA GLY dLYS", "aGk"),
    ("DAL-DLYN-MED", "dALA dLYN dMET", "DALA-DLYN-DMET"),
    ("Ace-HIS-Nme", "ACE HIE NME", "Ace-H-Nme"),
    ("Ace-HIP-ASH-AG-Nme", "ACE HIP ASH ALA GLY NME", "Ace-HIP-ASH-ALA-GLY-Nme"),
    ("Ace-aC-NH2", "ACE dALA CYS NHE", "Ace-aC-NH2"), ("AC-ACE", "ALA CYS ALA CYS GLU", "ACACE"),
    ("A-L-A", "ALA LEU ALA", "ALA"), ("ALA", "ALA LEU ALA", "ALA"),
    ("Ace-ALA-Nme", "ACE ALA NME", "Ace-A-Nme"), (" AEK ", "ALA GLU LYS", "AEK"),
    ("Ace - ALA - Nme", "ACE ALA NME", "Ace-A-Nme"),
    ("Ace-D-A-L-Nme", "ACE ASP ALA LEU NME", "Ace-D-A-L-Nme"),
    ("A-C-E-Nme", "ALA CYS GLU NME", "A-C-E-Nme"),
  ])
  func `sequences are read`(text: String, residues: String, written: String) throws {
    let sequence = try PeptideSequence(text)
    #expect(
      sequence.residues.map { ($0.isD ? "d" : "") + $0.name }.joined(separator: " ") == residues)
    #expect(sequence.text == written)
    if written.contains("-") || text == "AEK" {
      #expect(try PeptideSequence(written) == sequence)
    }
  }

  @Test(arguments: [
    ("AXK", "position 2: 'X'"), ("Ace-GEJ-Nme", "position 7: 'J'"), ("AE1", "position 3: '1'"),
    ("ALA-GLX-LYS", "position 5: 'GLX'"), ("", "no amino acid"), ("Ace-Nme", "no amino acid"),
    ("A-Ace-A", "cap ACE, which stands first"), ("A-Nme-A", "cap NME, which stands last"),
    ("A--A", "position 3: ''"), ("Ace - AXK", "position 8: 'X'"),
    ("ALA - GLX", "position 7: 'GLX'"), ("A", "cap it: Ace-A-Nme"), ("AÄ", "position 2: 'Ä'"),
  ])
  func `a wrong sequence names the position`(text: String, message: String) {
    #expect {
      try PeptideSequence(text)
    } throws: {
      "\($0)".contains(message) && !"\($0)".contains("\n")
    }
  }

  /// Words that are letters, but would be a residue's or a cap's name beside a hyphen.
  @Test func `what is written is read as what it was`() throws {
    let words = [
      "ALA", "DAL", "MED", "HIS", "ASH", "LYN", "CYM", "DALA", "ACE", "AC", "NME", "NHE", "NHME",
      "AEK",
    ]
    var generator = RandomGenerator(seed: 1, stream: .testing)
    var separated = 0
    for _ in 0..<2_000 {
      let word = words[Int.random(in: words.indices, using: &generator)]
      let letters = word.map { letter in
        generator.uniform() < 0.3 ? letter.lowercased() : letter.uppercased()
      }
      var residues = try PeptideSequence(letters.joined()).residues
      if generator.uniform() < 0.2 {
        residues.append(.init("HIP", isD: generator.uniform() < 0.5))
      }
      if generator.uniform() < 0.5 { residues.insert(.init("ACE"), at: 0) }
      if generator.uniform() < 0.5 {
        residues.append(.init(generator.uniform() < 0.5 ? "NME" : "NHE"))
      }
      let sequence = try PeptideSequence(residues)
      #expect(try PeptideSequence(sequence.text) == sequence, "\(sequence.text)")
      if sequence.text.split(separator: "-").contains(where: { $0.count == 1 }) { separated += 1 }
    }
    #expect(separated > 100)
  }

  @Test func `two CYX are joined, more need pairs`() throws {
    var two = try PeptideSequence("Ace-CYX-GLY-CYX-Nme")
    try two.closeDisulfides()
    #expect(two.disulfides == [SIMD2(1, 3)])
    var four = try PeptideSequence("CYX-CYX-GLY-CYX-CYX")
    #expect(throws: SequenceError.openCystines([1, 2, 4, 5])) { try four.closeDisulfides() }
    try four.addDisulfide(SIMD2(5, 1))
    try four.closeDisulfides()
    #expect(four.disulfides == [SIMD2(0, 4), SIMD2(1, 3)])
    #expect(throws: SequenceError.bridgedTwice(SIMD2(1, 2))) {
      try four.addDisulfide(SIMD2(1, 2))
    }
    var cysteines = try PeptideSequence("Ace-CGC-Nme")
    try cysteines.addDisulfide(SIMD2(1, 3))
    #expect(cysteines.residues[1].name == "CYX")
    #expect(throws: SequenceError.noCysteine(aminoAcid: 2, cysteines: [1, 3])) {
      try cysteines.addDisulfide(SIMD2(1, 2))
    }
  }

  @Test func `only a bond before a proline is made cis`() throws {
    var sequence = try PeptideSequence("Ace-PAP-Nme")
    try sequence.makeCis(3)
    #expect(sequence.residues.map(\.hasCisBond) == [false, false, false, true, false])
    #expect(throws: SequenceError.noProline(aminoAcid: 2, prolines: [1, 3])) {
      try sequence.makeCis(2)
    }
    #expect(throws: SequenceError.noProline(aminoAcid: .min, prolines: [1, 3])) {
      try sequence.makeCis(.min)
    }
    var free = try PeptideSequence("PA")
    #expect(throws: SequenceError.noBondBefore(aminoAcid: 1)) { try free.makeCis(1) }
  }

  @Test func `a residue that the force field lacks is named`() throws {
    let sequence = try PeptideSequence("Ace-HYP-Nme")
    #expect {
      try Peptide(sequence, forceField: .ff99SBILDN)
    } throws: {
      "\($0)" == "ff99SB-ILDN has no residue HYP (residue 2); choose another"
    }
  }

  @Test(arguments: [
    ("ASH-ALA", "ff14SB has no residue ASH with a charged N-terminal end (residue 1)"),
    ("ALA-LYN", "ff14SB has no residue LYN with a charged C-terminal end (residue 2)"),
  ])
  func `missing parameters are named`(text: String, message: String) {
    #expect {
      try Peptide(try PeptideSequence(text), forceField: .ff14SB)
    } throws: {
      "\($0)".hasPrefix(message)
    }
  }
}
