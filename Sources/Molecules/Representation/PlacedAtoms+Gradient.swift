import Foundation

extension PlacedAtoms {
  /// The reverse of `take` and `write` for all rows of a sample: adds to the gradient of its tokens
  /// what they do through the features.
  ///
  /// Rows from the last one: a row's frame and the atoms that it sees get their part of the
  /// features' gradient, and the atom placed next passes on what it got from later rows. It is the
  /// slope of the numeric map to 1e-3 of the largest (`PlacedAtomsTests`).
  ///
  /// - Parameters:
  ///   - dFeatures: The gradient of the features of all rows, [Σ entries, 16].
  ///   - features: As `write` has left them, [Σ entries, 16].
  ///   - tokens: Standardised, [tokens, features of a token].
  ///   - dTokens: [tokens, features of a token], added to.
  package func addGradient(
    _ dFeatures: UnsafePointer<Float>, features: UnsafePointer<Float>,
    tokens sample: UnsafePointer<Float>, to dTokens: UnsafeMutablePointer<Float>
  ) {
    let q = groups.coordinates(means: means, standardDeviations: standardDeviations) { sample[$0] }
    let positions = positions(from: q)
    var d = [SIMD3<Double>](repeating: .zero, count: atoms)
    var end = entries.reduce(0, +)
    func add(_ slopes: SIMD3<Double>, at placement: Int) {
      for axis in 0..<3 {
        dTokens[groups.offsets[placement] + axis] += Float(
          standardDeviations[3 * placement + axis] * slopes[axis])
      }
    }
    for token in (0..<groups.tokens).reversed() {
      for placement in placements(of: token).reversed() where placement > 0 {
        let reference = references[placement - 1]
        let (parent, axis, plane) = (
          positions[reference.parent], positions[reference.axis], positions[reference.plane]
        )
        let frame = LocalFrame(parent: parent, axis: axis, plane: plane)
        let own = d[placement + 2]
        let bond = bondGradient(
          own, BondTree.clamped(q[3 * placement]), q[3 * placement + 1], q[3 * placement + 2],
          in: frame)
        var axes = bond.axes
        d[reference.parent] += own
        if placement == groups.starts[token] {
          // The frame in which the row sees the atoms.
          let seen = placement + 2
          end -= seen
          for rank in 0..<seen where rank != reference.parent {
            let offset = (end + rank) * self.features
            let moved = featureGradient(
              dFeatures + offset, features: features + offset, of: positions[rank] - parent,
              in: frame, to: &axes)
            d[rank] += moved
            d[reference.parent] -= moved
          }
        }
        let moved = frame.gradient(axes, parent: parent, axis: axis, plane: plane)
        d[reference.parent] += moved.parent
        d[reference.axis] += moved.axis
        d[reference.plane] += moved.plane
        add(bond.q, at: placement)
      }
    }
    add(chainGradient(second: d[1], third: d[2], BondTree.clamped(q[1]), angle: q[2]), at: 0)
  }

  /// The positions in the order of placement, nm, [atoms].
  private func positions(from q: [Double]) -> [SIMD3<Double>] {
    var x = [SIMD3<Double>](repeating: .zero, count: atoms)
    let (r1, r2) = (BondTree.clamped(q[0]), BondTree.clamped(q[1]))
    x[1] = SIMD3(r1, 0, 0)
    x[2] = SIMD3(r1 - r2 * cos(q[2]), r2 * sin(q[2]), 0)
    for (placement, reference) in zip(1..<placements, references) {
      let frame = LocalFrame(
        parent: x[reference.parent], axis: x[reference.axis], plane: x[reference.plane])
      x[placement + 2] =
        x[reference.parent]
        + bond(
          BondTree.clamped(q[3 * placement]), q[3 * placement + 1], q[3 * placement + 2],
          axis: frame.axis, inPlane: frame.inPlane, normal: frame.normal)
    }
    return x
  }

  /// The reverse of the features of one atom: returns the gradient of its offset from the parent,
  /// and adds to that of the axes.
  private func featureGradient(
    _ d: UnsafePointer<Float>, features: UnsafePointer<Float>, of offset: SIMD3<Double>,
    in frame: LocalFrame, to axes: inout FrameGradient
  ) -> SIMD3<Double> {
    let r = dot(offset, offset).squareRoot()
    // As the forward kernel, which gives atoms in one place no direction.
    guard r > 1e-6 else { return .zero }
    let direction = offset / r
    let (d1, d2, d3) = (Double(d[0]), Double(d[1]), Double(d[2]))
    axes.axis += d1 * direction
    axes.inPlane += d2 * direction
    axes.normal += d3 * direction
    let dDirection = d1 * frame.axis + d2 * frame.inPlane + d3 * frame.normal
    // The bells exp(−½ ((r − c)/w)²), c = 0, 0.1, … nm, w = 0.1 nm.
    var dr = 0.0
    for bell in 3..<self.features {
      dr -= Double(d[bell]) * Double(features[bell]) * (r - 0.1 * Double(bell - 3)) * 100
    }
    return (dDirection - dot(dDirection, direction) * direction) / r + dr * direction
  }
}
