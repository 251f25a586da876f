/// The neck between two atoms, the room that both leave but water cannot fill: its integral is
/// `m/(1 + 100 (r − d)² + 3·10⁵ (r − d)⁶)`, r in nm.
///
/// Mongan, Simmerling, McCammon, Case and Onufriev 2007, J. Chem. Theory Comput. 3, 156; the table
/// is for radii from 1 to 2 Å in steps of 0.05 Å, and between them the values are interpolated.
struct Neck {
  /// `d`, where the integral is largest, nm.
  let distance: Double
  /// `m`, the integral there, nm⁻¹.
  let size: Double

  /// How far from the sum of both radii necks reach, nm.
  static let reach = 0.68

  /// The neck of an atom of radius `own` beside one of radius `other`, nm.
  init(of own: Double, beside other: Double) {
    distance = interpolate(NeckTable.distances, own, other) / 10
    size = interpolate(NeckTable.sizes, own, other) * 10
  }
}

/// Bilinear, in a table with a row for each radius of the other atom.
private func interpolate(_ table: [Double], _ own: Double, _ other: Double) -> Double {
  let radii = NeckTable.radii
  func place(_ radius: Double) -> (index: Int, share: Double) {
    let position = (radius - 0.1) * 200
    let index = min(max(0, Int(position.rounded(.down))), radii - 2)
    return (index, min(max(0, position - Double(index)), 1))
  }
  let (row, column) = (place(other), place(own))
  func entry(_ i: Int, _ j: Int) -> Double { table[(row.index + i) * radii + column.index + j] }
  return (1 - row.share)
    * ((1 - column.share) * entry(0, 0) + column.share * entry(0, 1))
    + row.share * ((1 - column.share) * entry(1, 0) + column.share * entry(1, 1))
}
