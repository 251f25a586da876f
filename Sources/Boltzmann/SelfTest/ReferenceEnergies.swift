import Foundation

/// Energies of the embedded systems, kJ/mol, by name: of the start structure, and of two more
/// frames of ``displaced(_:frame:)``.
///
/// From OpenMM's Reference platform, by `Tests/Golden/selftest/make_references.py`.
let referenceEnergies: KeyValuePairs<String, [Double]> = [
  "AL2": [-133.806224, -118.829241, -131.099439],
  "AL3": [-590.140735, -574.663810, -583.008911],
  "AL4": [-110.995739, -81.013031, -104.813034],
  "AL6": [-566.638244, -533.142965, -555.155319],
  "CLN": [-1563.413069, -1400.174895, -1529.836113],
]

/// A structure displaced by `0.002 nm · sin(frame · (i + 1))`, i the number of the coordinate:
/// [atoms, 3].
func displaced(_ positions: [SIMD3<Double>], frame: Int) -> [Double] {
  positions.flatMap { [$0.x, $0.y, $0.z] }.enumerated().map { index, coordinate in
    coordinate + 0.002 * sin(Double(frame * (index + 1)))
  }
}
