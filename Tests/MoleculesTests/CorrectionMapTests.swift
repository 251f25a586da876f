import Foundation
import Molecules
import TestSupport
import Testing

/// CMAP: the sections of a prmtop, and the surface through the points of a map.
struct CorrectionMapTests {
  private func file() throws -> EditedPrmtop {
    try EditedPrmtop(SolventCase.named("Ace-A-Nme").topology)
  }

  @Test func `a map and its torsions are read`() throws {
    let edited = try file()
    let prmtop = try edited.read(model: .gbn2)
    #expect(prmtop.notes.isEmpty)
    let field = prmtop.forceField
    // C of Ace, N, CA, C of Ala, N of Nme.
    #expect(
      field.correctedTorsions
        == [CorrectedTorsions(atoms: SIMD4(4, 6, 8, 14), last: 16, map: 0)])
    #expect(field.correctionMaps.map(\.size) == [24])
    expectClose(
      Array(field.correctionMaps[0].energies[..<2]), [-0.40490 * 4.184, -0.91563 * 4.184],
      relative: 1e-14)
  }

  @Test func `tleap writes the format without inner parentheses`() throws {
    var edited = try file()
    let full = try edited.read()
    edited.lines[try edited.index("CMAP_PARAMETER_01") + 1] = "%FORMAT(8F9.5)"
    #expect(try edited.read() == full)
  }

  @Test func `sections that do not fit are refused`() throws {
    var edited = try file()
    try edited.remove("CMAP_COUNT")
    edited.expect(.missingFlag(path: edited.path, flag: "CMAP_COUNT"))

    edited = try file()
    try edited.remove("CMAP_PARAMETER_01")
    edited.expect(.missingFlag(path: edited.path, flag: "CMAP_PARAMETER_01"))

    edited = try file()
    let line = try edited.index("CMAP_RESOLUTION") + 4
    edited.lines[line] = "  23"
    edited.expect(.count(try edited.place("CMAP_PARAMETER_01"), expected: 529, found: 576))
    edited.lines[line] = "   0"
    edited.expect(
      .indexOutOfRange(
        try edited.place("CMAP_RESOLUTION", line: 4), entry: 1, found: 0, allowed: 1...360))

    edited = try file()
    let counts = try edited.index("CMAP_COUNT") + 3
    for (text, flag, expected, found) in [
      ("       2       1", "CMAP_INDEX", 12, 6), ("       1       2", "CMAP_RESOLUTION", 2, 1),
      ("       1", "CMAP_COUNT", 2, 1),
    ] {
      edited.lines[counts] = text
      edited.expect(.count(try edited.place(flag), expected: expected, found: found))
    }
    edited.lines[counts] = "      -1       1"
    edited.expect(
      .indexOutOfRange(
        try edited.place("CMAP_COUNT", line: 3), entry: 1, found: -1, allowed: 0...10_000))

    edited = try file()
    edited.append("CMAP_PARAMETER_02", "8F9.5", "  0.00000")
    edited.expect(.count(try edited.place("CMAP_COUNT"), expected: 2, found: 1))
  }

  @Test func `atoms and maps that are not there are refused`() throws {
    var edited = try file()
    let line = try edited.index("CMAP_INDEX") + 4
    let whole = edited.lines[line]
    func place() throws -> PrmtopError.Place { try edited.place("CMAP_INDEX", line: 4) }
    for (old, new, entry, found, most) in [
      ("       5 ", "       0 ", 1, 0, 22), ("      17 ", "      23 ", 5, 23, 22),
      ("       1", "       2", 6, 2, 1),
    ] {
      let range = try #require(whole.ranges(of: old).last)
      edited.lines[line] = whole.replacingCharacters(in: range, with: new)
      edited.expect(
        .indexOutOfRange(try place(), entry: entry, found: found, allowed: 1...most))
    }
    edited.lines[line] = whole.replacing("      17 ", with: "      15 ")
    edited.expect(.repeatedAtom(try place(), atoms: [5, 7, 9, 15, 15]))
  }

  /// Every other term is the same for a conformation and its mirror image, too.
  @Test(arguments: [("Ace-aK-Nme", "Ace-Ak-Nme"), ("Ace-akVa-Nme", "Ace-AKvA-Nme")])
  func `a D-residue has the map of the mirror image`(sequence: String, mirrored: String) throws {
    func parameters(_ text: String) throws -> ForceField {
      try Peptide(PeptideSequence(text), forceField: .ff19SB).parameters(radii: .mbondi3)
    }
    let (field, other) = (try parameters(sequence), try parameters(mirrored))
    let solvent = ImplicitSolvent(model: .gbn2)
    let x = try Built(sequence).positions
    let found = Energy(field, solvent: solvent).terms(x)
    let image = Energy(other, solvent: solvent)
    let wanted = image.terms(x.map { -$0 })
    for term: KeyPath<EnergyTerms, Double> in [
      \.bond, \.angle, \.properTorsion, \.improperTorsion, \.lennardJones, \.coulomb,
      \.polarization, \.surfaceArea, \.correctionMap,
    ] {
      expectClose([found[keyPath: term]], [wanted[keyPath: term]], absolute: 1e-8, "\(term)")
    }
    // The maps are not symmetric themselves.
    #expect(abs(image.terms(x).correctionMap - found.correctionMap) > 0.1)
  }

  /// Five atoms in a row with φ and ψ, bond angles of 1.9 rad and lengths of 0.15 nm.
  private func chain(φ: Double, ψ: Double) -> [SIMD3<Double>] {
    var atoms: [SIMD3<Double>] = [SIMD3(0, 0.15, 0), .zero, SIMD3(0.15, 0, 0)]
    // Turned so that the first angle is a right one; the torsions are what matters.
    for torsion in [φ, ψ] {
      let (a, b, c) = (atoms[atoms.count - 3], atoms[atoms.count - 2], atoms[atoms.count - 1])
      let along = (c - b) / dot(c - b, c - b).squareRoot()
      let up = (a - b) - along * dot(a - b, along)
      let first = up / dot(up, up).squareRoot()
      let second = cross(along, first)
      atoms.append(
        c + 0.15
          * (cos(1.2) * along + sin(1.2) * (cos(torsion) * first + sin(torsion) * second)))
    }
    return atoms
  }

  private func energy(size: Int, _ value: (Double, Double) -> Double) -> Energy {
    let step = 2 * Double.pi / Double(size)
    let values = (0..<size * size).map {
      value(-.pi + step * Double($0 / size), -.pi + step * Double($0 % size))
    }
    let none = [Double](repeating: 0, count: 5)
    return Energy(
      ForceField(
        correctedTorsions: [CorrectedTorsions(atoms: SIMD4(0, 1, 2, 3), last: 4, map: 0)],
        correctionMaps: [CorrectionMap(size: size, energies: values)], charges: none,
        lennardJonesTypes: [0, 0, 0, 0, 0],
        lennardJonesTable: [LennardJones(repulsion: 0, attraction: 0)], radii: none, screens: none),
      solvent: .vacuum)
  }

  @Test(arguments: [1, 2, 5, 24])
  func `the surface goes through the points`(size: Int) {
    var generator = SeededGenerator(state: 3)
    let values = (0..<size * size).map { _ in Double.random(in: -9...9, using: &generator) }
    let step = 2 * Double.pi / Double(size)
    let energy = energy(size: size) { φ, ψ in
      let (row, column) = (((φ + .pi) / step).rounded(), ((ψ + .pi) / step).rounded())
      return values[Int(row) * size + Int(column)]
    }
    for place in stride(from: 0, to: size * size, by: size > 9 ? 7 : 1) {
      let (φ, ψ) = (
        -.pi + step * Double(place / size), -.pi + step * Double(place % size)
      )
      // Also one turn on, and just before a cell's border.
      for turn in [0, 2 * Double.pi, -1e-9] {
        let found = energy.terms(chain(φ: φ + turn, ψ: ψ)).correctionMap
        expectClose([found], [values[place]], absolute: 1e-6, "\(place)")
      }
    }
  }

  @Test func `a smooth map is met between the points, with the fourth order of the step`() {
    let smooth = { (φ: Double, ψ: Double) in sin(φ + 0.3) * cos(ψ - 0.5) + 2 * sin(2 * ψ + φ) }
    var generator = SeededGenerator(state: 4)
    let angles = (0..<200).map { _ in
      (
        Double.random(in: -3.2...3.2, using: &generator),
        Double.random(in: -3.2...3.2, using: &generator)
      )
    }
    let errors = [24, 48].map { size in
      let energy = energy(size: size, smooth)
      return angles.map { φ, ψ in
        abs(energy.terms(chain(φ: φ, ψ: ψ)).correctionMap - smooth(φ, ψ))
      }.max() ?? .infinity
    }
    #expect(errors[0] < 3e-3 && errors[0] > 10 * errors[1], "\(errors)")
  }

  @Test func `forces are minus the gradient, smooth across cells and at ±π`() {
    var generator = SeededGenerator(state: 5)
    let values = (0..<64).map { _ in Double.random(in: -9...9, using: &generator) }
    let energy = energy(size: 8) { φ, ψ in
      let (row, column) = (((φ + .pi) * 4 / .pi).rounded(), ((ψ + .pi) * 4 / .pi).rounded())
      return values[Int(row) * 8 + Int(column)]
    }
    for (φ, ψ) in [(0.2, -2.0), (3.141592, 0.7), (-0.785398, 1.570796), (2.9, -3.141592)] {
      let x = chain(φ: φ, ψ: ψ)
      let direction = x.map { _ in generator.vector() }
      let at = { (step: Double) in
        energy.terms(zip(x, direction).map { $0 + step * $1 }).total
      }
      let slope = (8 * (at(2e-6) - at(-2e-6)) - (at(4e-6) - at(-4e-6))) / 24e-6
      let forces = energy.termsAndForces(x).forces
      let expected = zip(forces, direction).map { -dot($0, $1) }.reduce(0, +)
      expectClose([expected], [slope], absolute: 1e-6, relative: 1e-6, "\(φ) \(ψ)")
      #expect(abs(slope) > 1)
    }
  }

  @Test func `three atoms in line, or atoms without a place, do not trap`() {
    let energy = energy(size: 6) { φ, _ in φ }
    let line = (0..<5).map { SIMD3(0.1 * Double($0), 0, 0) }
    let found = energy.termsAndForces(line)
    #expect(found.terms.total.isFinite && found.forces.allSatisfy { $0 == .zero })
    let nowhere = [SIMD3<Double>](repeating: SIMD3(.nan, 0, 0), count: 5)
    #expect(energy.terms(nowhere).total.isNaN)
  }
}
