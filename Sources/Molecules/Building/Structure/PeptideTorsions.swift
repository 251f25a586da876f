import Kernels

/// The torsions that a start structure is built with, rad; those of a D-residue have the other sign
/// in the structure.
struct PeptideTorsions {
  struct Residue {
    var φ: Double
    var ψ: Double
    /// The torsions of the side chain, by their number.
    var χ: [Double]
  }

  /// One for each residue, caps too.
  var residues: [Residue]

  private static let degree = Double.pi / 180

  /// An extended chain: β-strand, side chains staggered.
  init(extended sequence: PeptideSequence) {
    residues = sequence.residues.map { residue in
      let φ: Double = ["PRO", "HYP"].contains(residue.name) ? -70 : -140
      let χ1: Double = residue.name == "VAL" ? 180 : -65
      return Residue(
        φ: φ * Self.degree, ψ: 140 * Self.degree,
        χ: ([χ1] + Self.outerAngles(residue.name)).map { $0 * Self.degree })
    }
  }

  /// Other torsions of the backbone, each residue in a β-strand, a polyproline helix or an α-helix,
  /// and of side chains.
  init(random sequence: PeptideSequence, using generator: inout RandomGenerator) {
    self.init(extended: sequence)
    for place in residues.indices {
      let wells: [SIMD2<Double>] = [SIMD2(-140, 140), SIMD2(-70, 150), SIMD2(-65, -40)]
      let well = wells[Int(generator.uniform() * 3)]
      if !["PRO", "HYP"].contains(sequence.residues[place].name) {
        residues[place].φ = (well.x + 10 * generator.normal()) * Self.degree
      }
      residues[place].ψ = (well.y + 10 * generator.normal()) * Self.degree
      turnSideChain(place, of: sequence.residues[place].name, using: &generator)
    }
  }

  /// Draws another rotamer of a side chain.
  mutating func turnSideChain(
    _ place: Int, of name: String, using generator: inout RandomGenerator
  ) {
    let staggered = [-60.0, 180, 60]
    var χ = [staggered[Int(generator.uniform() * 3)]] + Self.outerAngles(name)
    let turning = ["PHE", "TYR", "TRP", "HID", "HIE", "HIP"].contains(name) ? 0 : χ.count - 1
    for index in 1..<(1 + turning) where χ[index] == 180 {
      χ[index] = staggered[Int(generator.uniform() * 3)]
    }
    residues[place].χ = χ.map { ($0 + 8 * generator.normal()) * Self.degree }
  }

  /// χ2, χ3, … of a side chain, degrees.
  private static func outerAngles(_ name: String) -> [Double] {
    switch name {
    case "PHE", "TYR", "TRP", "HID", "HIE", "HIP": [90]
    case "ASP", "ASH", "ASN": [-30]
    case "GLU", "GLH", "GLN": [180, -30]
    case "ARG": [180, 180, 180]
    case "LYS", "LYN", "MET": [180, 180, 180]
    default: [180, 180, 180]
    }
  }
}
