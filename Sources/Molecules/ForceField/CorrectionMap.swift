/// A map of energies over two torsions φ and ψ, as the CMAP correction of ff19SB.
///
/// Between its points the energy is the periodic bicubic spline (MacKerell, Feig and Brooks 2004,
/// J. Comput. Chem. 25, 1400).
package struct CorrectionMap: Equatable, Sendable {
  /// Points along each of φ and ψ.
  package var size: Int
  /// kJ/mol, [size, size]; φ along the rows and ψ along the columns, both from −π in steps of
  /// 2π/size.
  package var energies: [Double]

  package init(size: Int, energies: [Double]) {
    precondition(energies.count == size * size, "\(energies.count) energies, size \(size)")
    self.size = size
    self.energies = energies
  }
}

/// Two torsions in a row that a map corrects: φ of the first four of five atoms, ψ of the last four.
package struct CorrectedTorsions: Equatable, Sendable {
  /// The atoms of φ.
  package var atoms: SIMD4<Int32>
  /// The last atom of ψ.
  package var last: Int32
  /// Which of the force field's maps.
  package var map: Int

  package init(atoms: SIMD4<Int32>, last: Int32, map: Int) {
    self.atoms = atoms
    self.last = last
    self.map = map
  }
}
