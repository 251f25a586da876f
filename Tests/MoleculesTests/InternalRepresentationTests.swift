import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

@Suite struct InternalRepresentationTests {
  private let topology = madePeptide("AL2")
  private let tree: BondTree
  private let coordinates: [Double]
  private let fitted: InternalRepresentation
  /// A token with three modes, one of them across ±π.
  private static let rotor = 5

  init() throws {
    tree = try BondTree(topology: topology, order: .topology)
    var source = SeededGenerator(state: 11)
    coordinates = source.ensemble(tree, frames: 400) { token, source in
      guard token == Self.rotor else { return nil }
      let modes: [Double] = [.pi, .pi / 3, -.pi / 3]
      return (modes.randomElement(using: &source) ?? 0) + 0.2 * source.normal()
    }
    fitted = try InternalRepresentation(
      tree: tree, topology: topology, coordinates: coordinates, execution: Execution(workers: 2))
  }

  @Test func `training tokens have mean 0 and standard deviation 1`() {
    let tokens: [Double] = fitted.tokens(from: coordinates, execution: Execution(workers: 2))
    let width = 3 * tree.placements
    #expect(tokens.count == 400 * width)
    for feature in 0..<width {
      let column = stride(from: feature, to: tokens.count, by: width).map { tokens[$0] }
      let mean = column.reduce(0, +) / 400
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400
      expectClose([mean, variance], [0, 1], absolute: 1e-10, "feature \(feature)")
    }
    let single: [Float] = fitted.tokens(from: coordinates, execution: Execution(workers: 2))
    expectClose(single.map(Double.init), tokens, absolute: 1e-6, relative: 1e-7)
  }

  @Test(arguments: AtomOrder.allCases)
  func `conformations come back from double tokens`(order: AtomOrder) throws {
    let representation = try InternalRepresentation(
      tree: BondTree(topology: topology, order: order), topology: topology,
      coordinates: coordinates, execution: Execution(workers: 2))
    let tokens: [Double] = representation.tokens(
      from: coordinates, execution: Execution(workers: 2))
    let back = representation.coordinates(from: tokens, execution: Execution(workers: 2))
    #expect(back.inSupport.allSatisfy { $0 } && back.inSupport.count == 400)
    for frame in stride(from: 0, to: 400, by: 40) {
      let range = 66 * frame..<66 * (frame + 1)
      let (found, expected) = (
        shape(vectors(back.coordinates[range])), shape(vectors(coordinates[range]))
      )
      expectClose(found.distances, expected.distances, absolute: 1e-9)
      expectClose(found.volumes, expected.volumes, absolute: 1e-9)
    }
  }

  @Test func `every cut leaves its angle whole`() throws {
    let tokens: [Double] = fitted.tokens(from: coordinates, execution: Execution(workers: 2))
    let cut = fitted.cuts[Self.rotor]
    #expect(
      [0, 2 * .pi / 3, -2 * .pi / 3].contains { abs(unwrappedTorsion(cut - $0, cut: -.pi)) < 0.4 })
    for token in 1..<tree.placements where token != Self.rotor {
      // Torsions of width 0.1 rad stay that narrow wherever their mean lies.
      #expect(fitted.standardDeviations[3 * token + 2] < 0.12)
    }
    #expect(tokens.allSatisfy { abs($0) < 6 })
  }

  @Test func `the log-Jacobian is that of the numeric map and the rotations`() {
    var tokens: [Double] = fitted.tokens(from: coordinates, execution: .serial)
    tokens.removeLast(tokens.count - 3 * tree.placements)
    let matrix = numericJacobian(at: tokens, step: 1e-4) {
      freeCoordinates(vectors(fitted.coordinates(from: $0, execution: .serial).coordinates), tree)
    }
    let q = tree.internalCoordinates(from: vectors(coordinates.prefix(66)))
    let rotations = 2 * log(q[0]) + log(q[1]) + log(sin(q[2]))
    let found = fitted.coordinates(from: tokens, execution: .serial).logJacobian
    expectClose(found, [logAbsoluteDeterminant(matrix) + rotations], absolute: 1e-6)
  }

  @Test func `only lengths, angles and torsions of a conformation are in the support`() {
    let all: [Double] = fitted.tokens(from: coordinates, execution: .serial)
    let inside = all.prefix(3 * tree.placements)
    func isInSupport(_ index: Int, _ value: Double) -> Bool {
      var tokens = Array(inside)
      tokens[index] = (value - fitted.means[index]) / fitted.standardDeviations[index]
      let back = fitted.coordinates(from: tokens, execution: .serial)
      #expect(back.coordinates.allSatisfy(\.isFinite) && back.logJacobian[0].isFinite)
      return back.inSupport[0]
    }
    for length in [0, 1, 3, 3 * Self.rotor] {
      #expect(isInSupport(length, 0.001) && !isInSupport(length, -0.001))
      #expect(!isInSupport(length, 101))
    }
    for angle in [2, 4, 3 * Self.rotor + 1] {
      #expect(isInSupport(angle, 0.001) && !isInSupport(angle, -0.001))
      #expect(isInSupport(angle, 3.141) && !isInSupport(angle, 3.142))
    }
    for token in [1, Self.rotor, tree.placements - 1] {
      let (index, cut) = (3 * token + 2, fitted.cuts[token])
      #expect(isInSupport(index, cut + 0.001) && !isInSupport(index, cut - 0.001))
      #expect(isInSupport(index, cut + 6.283) && !isInSupport(index, cut + 6.284))
    }
  }

  @Test func `a periodic torsion is in the support wherever it is`() throws {
    var periodic = fitted
    periodic.hasPeriodicTorsions = true
    let all: [Double] = fitted.tokens(from: coordinates, execution: .serial)
    var tokens = Array(all.prefix(3 * tree.placements))
    let expected = periodic.coordinates(from: tokens, execution: .serial)
    #expect(expected == fitted.coordinates(from: tokens, execution: .serial))
    let windows = try #require(periodic.periodicWindows)
    #expect(fitted.periodicWindows == nil)
    for (index, value) in all.enumerated() {
      let d = index % tokens.count
      #expect((windows.periods[d] > 0) == (d > 2 && d % 3 == 2))
      guard windows.periods[d] > 0 else { continue }
      let low = Double(windows.lows[d])
      #expect(value > low - 1e-5 && value < low + Double(windows.periods[d]) + 1e-5)
    }
    for token in 1..<tree.placements {
      let turns = Double(token % 5 - 2)
      tokens[3 * token + 2] += turns * 2 * .pi / fitted.standardDeviations[3 * token + 2]
    }
    let turned = periodic.coordinates(from: tokens, execution: .serial)
    #expect(turned.inSupport == [true])
    #expect(fitted.coordinates(from: tokens, execution: .serial).inSupport == [false])
    expectClose(turned.coordinates, expected.coordinates, absolute: 1e-9)
    expectClose(turned.logJacobian, expected.logJacobian, absolute: 1e-9)
    // A length is no angle.
    tokens[3] = -1e3
    #expect(periodic.coordinates(from: tokens, execution: .serial).inSupport == [false])
  }

  @Test func `periodic torsions are written down where they are`() throws {
    var periodic = fitted
    periodic.hasPeriodicTorsions = true
    for representation in [fitted, periodic] {
      let data = try JSONEncoder().encode(representation)
      let text = String(decoding: data, as: UTF8.self)
      #expect(text.contains("hasPeriodicTorsions") == representation.hasPeriodicTorsions)
      #expect(try JSONDecoder().decode(InternalRepresentation.self, from: data) == representation)
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -1e30])
  func `a wild token leaves a finite frame outside the support`(wild: Float) {
    var tokens: [Float] = fitted.tokens(from: coordinates, execution: .serial)
    tokens.removeLast(tokens.count - 6 * tree.placements)
    let clean = fitted.coordinates(from: tokens, execution: .serial)
    tokens[3 * tree.placements + 9] = wild
    let back = fitted.coordinates(from: tokens, execution: Execution(workers: 2))
    #expect(back.inSupport == [true, false])
    #expect(back.coordinates.allSatisfy(\.isFinite) && back.logJacobian.allSatisfy(\.isFinite))
    #expect(back.coordinates.prefix(66) == clean.coordinates.prefix(66))
  }

  @Test func `the number of workers changes nothing`() throws {
    let other = try InternalRepresentation(
      tree: tree, topology: topology, coordinates: coordinates, execution: Execution(workers: 5))
    #expect(other == fitted)
    let tokens: [Float] = fitted.tokens(from: coordinates, execution: .serial)
    #expect(fitted.tokens(from: coordinates, execution: Execution(workers: 3)) == tokens)
  }

  @Test func `a checkpoint holds it bit by bit`() throws {
    let wrapped = Representation.internal(fitted)
    let data = try JSONEncoder().encode(wrapped)
    #expect(try JSONDecoder().decode(Representation.self, from: data) == wrapped)
    let text = String(decoding: data, as: UTF8.self)
    let damaged = text.replacingOccurrences(
      of: "\"standardDeviations\":[", with: "\"standardDeviations\":[-")
    #expect(damaged != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Representation.self, from: Data(damaged.utf8))
    }
  }
}

@Suite struct InternalRepresentationErrorTests {
  private let topology = madePeptide("AL2")

  private func error(
    _ change: (inout [Double], BondTree) -> Void
  ) throws -> RepresentationError? {
    let tree = try BondTree(topology: topology, order: .topology)
    var source = SeededGenerator(state: 12)
    var coordinates = source.ensemble(tree, frames: 20)
    change(&coordinates, tree)
    return #expect(throws: RepresentationError.self) {
      try Representation(
        .internal, order: .topology, topology: topology, coordinates: coordinates,
        execution: Execution(workers: 2))
    }
  }

  @Test func `one frame, or equal frames, are too few`() throws {
    #expect(try error { x, _ in x = [] } == .fewFrames(found: 0))
    #expect(try error { x, _ in x = Array(x.prefix(66)) } == .fewFrames(found: 1))
    #expect(
      try error { x, _ in x = Array(repeatElement(x.prefix(66), count: 9).joined()) }
        == .fewFrames(found: 1))
  }

  @Test func `a constrained bond is named`() throws {
    let error = try error { x, tree in
      x = stride(from: 0, to: x.count, by: 66).flatMap { start -> [Double] in
        var q = tree.internalCoordinates(from: vectors(x[start..<start + 66]))
        q[3 * 9] = 0.109
        // What remains of a constraint in a file of single precision.
        return tree.positions(from: q).flatMap { [$0.x, $0.y, $0.z] }.map { Double(Float($0)) }
      }
    }
    guard case .constant(let atom, let coordinate, let spread, let unit) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(atom == "ALA2 HB1 (atom 11)" && coordinate == "the bond length" && unit == "nm")
    #expect(spread < 1e-6)
    #expect(error.map { "\($0)".contains("run it without constraints") } == true)
  }

  @Test func `a position that is not finite is named`() throws {
    #expect(
      try error { x, _ in x[66 * 7 + 3 * 8 + 1] = .nan }
        == .notFinite(frame: 7, atom: "ALA2 CA (atom 8)"))
  }

  @Test func `three atoms on a line are named`() throws {
    let error = try error { x, _ in
      for axis in 0..<3 {
        let start = 66 * 3 + axis
        x[start] = 2 * x[start + 3] - x[start + 6]
      }
    }
    #expect(
      error
        == .collinear(
          frame: 3, atoms: ["ACE1 HH31 (atom 0)", "ACE1 CH3 (atom 1)", "ACE1 HH32 (atom 2)"]))
  }

  @Test func `two atoms in one place are named`() throws {
    let error = try error { x, _ in
      for axis in 0..<3 { x[66 * 4 + 3 * 21 + axis] = x[66 * 4 + 3 * 18 + axis] }
    }
    guard case .collinear(let frame, let atoms) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(frame == 4 && atoms.contains("NME3 HH33 (atom 21)"))
  }
}
