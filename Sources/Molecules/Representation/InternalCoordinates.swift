import Foundation

extension BondTree {
  /// The number of placements, of three internal coordinates each: the first places three atoms,
  /// all others one.
  package var placements: Int { atoms - 2 }

  /// Distances beyond this, in nm, are clamped when atoms are placed; no bond comes near it.
  static let longestBond = 100.0

  /// The bond lengths, angles and torsions of a conformation.
  ///
  /// Placement 0 is `(r₁, r₂, θ₂)`: the two bonds of the chain of the first three atoms and the
  /// angle at its middle. Placement k is `(r, θ, φ)` of atom `order[k + 2]`, with φ in −π … π by
  /// `atan2`.
  ///
  /// - Parameter positions: nm, [atoms].
  /// - Returns: nm and rad, [placements, 3].
  package func internalCoordinates(from positions: [SIMD3<Double>]) -> [Double] {
    precondition(positions.count == atoms, "\(positions.count) positions, \(atoms) atoms")
    let towardsFirst = positions[order[0]] - positions[order[1]]
    let towardsThird = positions[order[2]] - positions[order[1]]
    let normal = cross(towardsFirst, towardsThird)
    var q = [
      dot(towardsFirst, towardsFirst).squareRoot(), dot(towardsThird, towardsThird).squareRoot(),
      atan2(dot(normal, normal).squareRoot(), dot(towardsFirst, towardsThird)),
    ]
    q.reserveCapacity(3 * placements)
    for (atom, reference) in zip(order.dropFirst(3), references) {
      let frame = frame(reference, in: positions)
      let bond = positions[atom] - positions[reference.parent]
      let (x, y) = (dot(bond, frame.inPlane), dot(bond, frame.normal))
      q.append(dot(bond, bond).squareRoot())
      q.append(atan2((x * x + y * y).squareRoot(), dot(bond, frame.axis)))
      q.append(atan2(y, x))
    }
    return q
  }

  /// The conformation with these internal coordinates: the first atom of the order at the origin,
  /// the second on the x axis, the third in the xy plane.
  ///
  /// Atom by atom `x = x_parent + r (cos θ e₁ + sin θ (cos φ e₂ + sin φ e₃))` in the axes of its
  /// three references (Parsons et al. 2005, *J. Comput. Chem.* 26, 1063). Finite for every finite
  /// `q`, also where no conformation has it (`r ≤ 0`, θ outside 0 … π); `|r|` is clamped at 100 nm.
  ///
  /// - Parameter q: nm and rad, [placements, 3].
  /// - Returns: nm, [atoms], in the topology's order.
  package func positions(from q: [Double]) -> [SIMD3<Double>] {
    precondition(
      q.count == 3 * placements, "\(q.count) internal coordinates, \(placements) placements of 3")
    var positions = [SIMD3<Double>](repeating: .zero, count: atoms)
    let (r1, r2) = (Self.clamped(q[0]), Self.clamped(q[1]))
    positions[order[1]] = SIMD3(r1, 0, 0)
    positions[order[2]] = SIMD3(r1 - r2 * cos(q[2]), r2 * sin(q[2]), 0)
    for (placement, reference) in zip(1..<placements, references) {
      let frame = frame(reference, in: positions)
      positions[order[placement + 2]] =
        positions[reference.parent]
        + bond(
          Self.clamped(q[3 * placement]), q[3 * placement + 1], q[3 * placement + 2],
          axis: frame.axis,
          inPlane: frame.inPlane, normal: frame.normal)
    }
    return positions
  }

  /// `log |dx/dq| = 2 ln r₁ + 2 ln r₂ + ln sin θ₂ + Σ (2 ln r + ln sin θ)`: the volume of Cartesian
  /// coordinates modulo rigid motion that a volume of internal coordinates fills.
  ///
  /// The constant volume of the rigid motions is left out. Outside the support magnitudes are
  /// taken, so that the value stays finite.
  ///
  /// - Parameter q: nm and rad, [placements, 3].
  package func logJacobian(at q: [Double]) -> Double {
    func logMagnitude(_ value: Double) -> Double { log(max(abs(value), .leastNormalMagnitude)) }
    var sum = 2 * logMagnitude(q[0]) + 2 * logMagnitude(q[1]) + logMagnitude(sin(q[2]))
    for offset in stride(from: 3, to: q.count, by: 3) {
      sum += 2 * logMagnitude(q[offset]) + logMagnitude(sin(q[offset + 1]))
    }
    return sum
  }

  /// Whether a conformation has these lengths and angles: `0 < r ≤ 100 nm`, `0 < θ < π`.
  func isInSupport(_ q: [Double]) -> Bool {
    func isLength(_ r: Double) -> Bool { r > 0 && r <= Self.longestBond }
    func isAngle(_ θ: Double) -> Bool { θ > 0 && θ < .pi }
    return isLength(q[0]) && isLength(q[1]) && isAngle(q[2])
      && stride(from: 3, to: q.count, by: 3).allSatisfy { isLength(q[$0]) && isAngle(q[$0 + 1]) }
  }

  /// Throws unless every position is finite and every three reference atoms span a plane, and every
  /// atom lies off the line of its parent and axis.
  func check(
    _ positions: [SIMD3<Double>], frame index: Int, topology: Topology
  ) throws(RepresentationError) {
    for atom in order where !isFinite(positions[atom]) {
      throw .notFinite(frame: index, atom: topology.label(atom))
    }
    let triples =
      [(order[1], order[0], order[2])]
      + zip(order.dropFirst(3), references).flatMap { atom, reference in
        [
          (reference.parent, reference.axis, reference.plane),
          (reference.parent, reference.axis, atom),
        ]
      }
    for (parent, axis, plane) in triples {
      let frame = LocalFrame(
        parent: positions[parent], axis: positions[axis], plane: positions[plane])
      // A micro-radian: below it, torsions of coordinates stored in single precision are noise.
      guard frame.sine > 1e-6 else {
        throw .collinear(frame: index, atoms: [axis, parent, plane].map(topology.label))
      }
    }
  }

  private func frame(_ reference: Reference, in positions: [SIMD3<Double>]) -> LocalFrame {
    LocalFrame(
      parent: positions[reference.parent], axis: positions[reference.axis],
      plane: positions[reference.plane])
  }

  static func clamped(_ r: Double) -> Double { max(-longestBond, min(longestBond, r)) }
}

private func isFinite(_ position: SIMD3<Double>) -> Bool {
  position.x.isFinite && position.y.isFinite && position.z.isFinite
}
