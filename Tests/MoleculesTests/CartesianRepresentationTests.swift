import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

@Suite struct CartesianRepresentationTests {
  private let topology = madePeptide("AL3")
  private let coordinates: [Double]
  private let fitted: CartesianRepresentation

  init() throws {
    var source = SeededGenerator(state: 21)
    coordinates = source.ensemble(
      try BondTree(topology: topology, order: .topology), frames: 50
    ).map { $0 + 0.7 }
    fitted = try CartesianRepresentation(
      topology: topology, coordinates: coordinates, execution: Execution(workers: 2))
  }

  @Test func `tokens are centred and have standard deviation 1 as a whole`() {
    let tokens: [Double] = fitted.tokens(from: coordinates, execution: Execution(workers: 2))
    for frame in 0..<50 {
      let y = vectors(tokens[99 * frame..<99 * (frame + 1)])
      let centre = y.reduce(.zero, +) / 33
      expectClose([centre.x, centre.y, centre.z], [0, 0, 0], absolute: 1e-12)
    }
    let variance = tokens.reduce(0) { $0 + $1 * $1 } / Double(tokens.count)
    expectClose([variance], [1], absolute: 1e-12)
    let single: [Float] = fitted.tokens(from: coordinates, execution: .serial)
    expectClose(single.map(Double.init), tokens, absolute: 1e-6)
  }

  @Test func `conformations come back but for their centre`() {
    let tokens: [Double] = fitted.tokens(from: coordinates, execution: Execution(workers: 2))
    let back = fitted.coordinates(from: tokens, execution: Execution(workers: 2))
    #expect(back.inSupport == [Bool](repeating: true, count: 50))
    for frame in 0..<50 {
      let x = vectors(coordinates[99 * frame..<99 * (frame + 1)])
      let centre = x.reduce(.zero, +) / 33
      let expected = x.flatMap { atom -> [Double] in
        let moved = atom - centre
        return [moved.x, moved.y, moved.z]
      }
      expectClose(
        Array(back.coordinates[99 * frame..<99 * (frame + 1)]), expected, absolute: 1e-12)
    }
    let again: [Double] = fitted.tokens(from: back.coordinates, execution: .serial)
    expectClose(again, tokens, absolute: 1e-12)
  }

  @Test func `the log-Jacobian is the numeric one over the density of the centre of mass`() {
    var source = SeededGenerator(state: 22)
    let y = (0..<99).map { _ in source.normal() }
    let matrix = numericJacobian(at: y, step: 1e-4) {
      fitted.coordinates(from: $0, execution: .serial).coordinates
    }
    let centre = vectors(y).reduce(.zero, +) / 33
    let s = 1 / 33.0.squareRoot()
    let rule = dot(centre, centre) / (2 * s * s)
    #expect(rule > 0.1, "the centre is off the origin")
    expectClose(
      fitted.coordinates(from: y, execution: .serial).logJacobian,
      [logAbsoluteDeterminant(matrix) - rule],
      absolute: 1e-7)
  }

  @Test func `under a perfect density the weight does not depend on the centre of mass`() {
    // The standard normal of all coordinates is a shape times N(0, I/N) of the centre.
    let tokens: [Double] = fitted.tokens(from: coordinates, execution: .serial)
    let shape = Array(tokens.prefix(99))
    func logDensity(shift: SIMD3<Double>) -> Double {
      let y = shape.indices.map { shape[$0] + shift[$0 % 3] }
      return -0.5 * y.reduce(0) { $0 + $1 * $1 }
        - fitted.coordinates(from: y, execution: .serial).logJacobian[0]
    }
    let expected = logDensity(shift: .zero)
    for shift in [SIMD3(0.3, 0, 0), SIMD3(-0.1, 0.4, 0.2), SIMD3(2, 1, -3)] {
      expectClose([logDensity(shift: shift)], [expected], absolute: 1e-9)
    }
  }

  @Test func `augmentation turns and shifts one frame as a rigid body`() {
    var source = SeededGenerator(state: 23)
    let tokens: [Float] = fitted.tokens(from: coordinates, execution: .serial)
    var changed = tokens
    fitted.augment(&changed, frame: 1) { source.normal() }
    #expect(changed[..<99] == tokens[..<99] && changed[198...] == tokens[198...])
    let (found, expected) = (
      shape(vectors(changed[99..<198].map(Double.init))),
      shape(vectors(tokens[99..<198].map(Double.init)))
    )
    expectClose(found.distances, expected.distances, absolute: 2e-6)
    expectClose(found.volumes, expected.volumes, absolute: 1e-5)
    #expect(zip(changed[99..<198], tokens[99..<198]).contains { abs($0 - $1) > 0.1 })
  }

  @Test func `rotations are uniform and shifts have variance 1/N`() {
    var source = SeededGenerator(state: 24)
    let tokens: [Float] = fitted.tokens(from: coordinates, execution: .serial)
    let frame = Array(tokens.prefix(99))
    let draws = 4_000
    var (turned, products, shifts) = ([Double](), [Double](), [Double]())
    let first = vectors(frame.prefix(3).map(Double.init))[0]
    let length = dot(first, first).squareRoot()
    for _ in 0..<draws {
      var y = frame
      fitted.augment(&y, frame: 0) { source.normal() }
      let x = vectors(y.map(Double.init))
      let centre = x.reduce(.zero, +) / 33
      let direction = (x[0] - centre) / length
      for axis in 0..<3 {
        turned.append(direction[axis])
        shifts.append(centre[axis])
        products.append(direction[axis] * first[(axis + 1) % 3] / length)
      }
    }
    func moment(_ values: [Double], _ power: Int) -> Double {
      values.reduce(0) { sum, value in
        sum + (0..<power).reduce(1) { product, _ in product * value }
      } / Double(values.count)
    }
    // Five standard errors of 12,000 numbers; a point on the sphere has moments 0, 1/3 and 1/5.
    let error = 5 / Double(3 * draws).squareRoot()
    expectClose([moment(turned, 1)], [0], absolute: error * 0.58)
    expectClose([moment(products, 1)], [0], absolute: error * 0.58)
    // The three squares of one direction add up to 1, so the second moment is free of noise.
    expectClose([moment(turned, 2)], [1.0 / 3], absolute: 1e-5)
    expectClose([moment(turned, 4)], [0.2], absolute: error * 0.27)
    expectClose([moment(shifts, 1)], [0], absolute: error / 33.0.squareRoot())
    expectClose([moment(shifts, 2)], [1.0 / 33], absolute: error * 1.42 / 33)
  }

  @Test(arguments: [Float.nan, .infinity, .greatestFiniteMagnitude, -2e6])
  func `a wild token leaves a finite frame outside the support`(wild: Float) {
    var tokens: [Float] = fitted.tokens(from: coordinates, execution: .serial)
    tokens.removeLast(tokens.count - 198)
    tokens[100] = wild
    let back = fitted.coordinates(from: tokens, execution: Execution(workers: 2))
    #expect(back.inSupport == [true, false])
    #expect(back.coordinates.allSatisfy(\.isFinite) && back.logJacobian.allSatisfy(\.isFinite))
  }

  @Test func `data without a scale is refused`() {
    func error(_ coordinates: [Double]) -> RepresentationError? {
      #expect(throws: RepresentationError.self) {
        try CartesianRepresentation(
          topology: topology, coordinates: coordinates, execution: .serial)
      }
    }
    #expect(error(Array(coordinates.prefix(99))) == .fewFrames(found: 1))
    #expect(error([Double](repeating: 0, count: 198)) == .fewFrames(found: 1))
    var broken = coordinates
    broken[99 * 2 + 3 * 4] = .infinity
    #expect(error(broken) == .notFinite(frame: 2, atom: "ALA1 CA (atom 4)"))
  }

  @Test func `both representations answer the same questions`() throws {
    for (kind, tokens) in [(Representation.Kind.internal, 31), (.cartesian, 33)] {
      let representation = try Representation(
        kind, order: .topology, topology: topology, coordinates: coordinates,
        execution: Execution(workers: 2))
      #expect(representation.kind == kind && representation.atoms == 33)
      #expect(representation.tokens == tokens && representation.features == 3)
      let made = representation.tokens(from: coordinates, execution: Execution(workers: 2))
      #expect(made.count == 50 * tokens * 3)
      let back = representation.coordinates(from: made, execution: Execution(workers: 2))
      #expect(back.coordinates.count == coordinates.count && back.logJacobian.count == 50)
      expectClose(
        shape(vectors(back.coordinates.prefix(99))).distances,
        shape(vectors(coordinates.prefix(99))).distances, absolute: 1e-6)
      let data = try JSONEncoder().encode(representation)
      #expect(try JSONDecoder().decode(Representation.self, from: data) == representation)
    }
  }
}
