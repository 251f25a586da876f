import Foundation
import Kernels
import Molecules
import TestSupport
import Testing

@Suite struct PlacedAtomsTests {
  /// A representation of a made molecule, and conformations of it.
  private static func fitted(
    _ name: String, _ order: AtomOrder, atomsPerToken: Int = 1
  ) throws -> (InternalRepresentation, [Double]) {
    let topology = try #require(madeMolecules[name])
    let tree = try BondTree(topology: topology, order: order)
    var source = SeededGenerator(state: 21)
    let coordinates = source.ensemble(tree, frames: 40)
    return (
      try InternalRepresentation(
        tree: tree, atomsPerToken: atomsPerToken, topology: topology, coordinates: coordinates,
        execution: .serial), coordinates
    )
  }

  /// The features of all rows of one sample, and its state behind the last token.
  private static func features(
    _ placed: PlacedAtoms, tokens: ArraySlice<Float>
  ) -> (rows: [[Float]], state: [Double]) {
    let tokens = Array(tokens)
    var state = [Double](repeating: .nan, count: placed.stateSize)
    let width = tokens.count / placed.entries.count
    let rows = placed.entries.enumerated().map { row, entries in
      var features = [Float](repeating: .nan, count: entries * placed.features)
      placed.write(row: row, state: state, into: &features)
      placed.take(Array(tokens[width * row..<width * (row + 1)]), at: row, state: &state)
      return features
    }
    return (rows, state)
  }

  /// The features of the atoms before a placement by their definition, from Cartesian coordinates.
  private static func expected(
    _ placement: Int, _ tree: BondTree, _ x: [SIMD3<Double>]
  ) -> [Double] {
    guard placement > 0 else { return [] }
    func unit(_ v: SIMD3<Double>) -> SIMD3<Double> {
      let length = dot(v, v).squareRoot()
      return length > 0 ? v / length : v
    }
    let reference = tree.references[placement - 1]
    let parent = x[reference.parent]
    let e1 = unit(x[reference.axis] - parent)
    let towards = x[reference.plane] - parent
    let e2 = unit(towards - dot(towards, e1) * e1)
    let e3 = cross(e2, e1)
    return tree.order.prefix(placement + 2).flatMap { atom -> [Double] in
      let v = x[atom] - parent
      let (u, r) = (unit(v), dot(v, v).squareRoot())
      return [dot(u, e1), dot(u, e2), dot(u, e3)]
        + (0..<13).map { exp(-0.5 * pow((r - 0.1 * Double($0)) / 0.1, 2)) }
    }
  }

  @Test(arguments: madeCases, [1, 6])
  func `features are those of the Cartesian coordinates, moved and turned at will`(
    madeCase: (String, AtomOrder), size: Int
  ) throws {
    let (representation, coordinates) = try Self.fitted(
      madeCase.0, madeCase.1, atomsPerToken: size)
    let tree = representation.tree
    let tokens: [Float] = representation.tokens(from: coordinates, execution: .serial)
    let placed = PlacedAtoms(representation)
    let starts = representation.groups.starts
    #expect(placed.entries == [0] + starts.dropFirst().map { $0 + 2 })
    if size == 1 { #expect(placed.entries.last == tree.atoms - 1) }
    let width = tokens.count / 40
    var source = SeededGenerator(state: 5)
    for frame in 0..<3 {
      let found = Self.features(placed, tokens: tokens[frame * width..<(frame + 1) * width])
      // Columns of a rotation, and a shift of some nanometres.
      var axes = (0..<3).map { _ in SIMD3(source.normal(), source.normal(), source.normal()) }
      axes[0] /= dot(axes[0], axes[0]).squareRoot()
      axes[1] -= dot(axes[1], axes[0]) * axes[0]
      axes[1] /= dot(axes[1], axes[1]).squareRoot()
      axes[2] = cross(axes[0], axes[1])
      let shift = 5 * SIMD3(source.normal(), source.normal(), source.normal())
      let range = 3 * tree.atoms * frame..<3 * tree.atoms * (frame + 1)
      let moved = vectors(coordinates[range]).map {
        $0.x * axes[0] + $0.y * axes[1] + $0.z * axes[2] + shift
      }
      for (row, start) in starts.enumerated() {
        expectClose(
          found.rows[row].map(Double.init), Self.expected(start, tree, moved), absolute: 2e-5,
          "frame \(frame), row \(row)")
      }
    }
  }

  @Test(arguments: AtomOrder.allCases)
  func `atoms are placed where the conformation has them`(order: AtomOrder) throws {
    let (representation, coordinates) = try Self.fitted("AL3", order)
    let tree = representation.tree
    var tokens: [Float] = representation.tokens(from: coordinates, execution: .serial)
    // Lengths of more than 100 nm, and below zero.
    tokens[3] = 1e9
    tokens[6] = -1e3
    let rebuilt = representation.coordinates(
      from: Array(tokens.prefix(3 * tree.placements)), execution: .serial)
    let (rows, state) = Self.features(
      PlacedAtoms(representation), tokens: tokens.prefix(3 * tree.placements))
    for (place, atom) in tree.order.enumerated() {
      expectClose(
        (0..<3).map { state[$0 * tree.atoms + place] },
        Array(rebuilt.coordinates[3 * atom..<3 * atom + 3]), absolute: 1e-12, "atom \(atom)")
    }
    #expect(rows.allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  /// A weighted sum of all features, by differences of the tokens.
  @Test(arguments: madeCases, [1, 6])
  func `the gradient through the features is the slope of the numeric map`(
    madeCase: (String, AtomOrder), size: Int
  ) throws {
    let (representation, coordinates) = try Self.fitted(
      madeCase.0, madeCase.1, atomsPerToken: size)
    let placed = PlacedAtoms(representation)
    let width = representation.groups.tokens * representation.groups.features
    let tokens: [Float] = representation.tokens(
      from: Array(coordinates.prefix(3 * representation.tree.atoms)), execution: .serial)
    let features = Self.features(placed, tokens: tokens[...]).rows.flatMap { $0 }
    var source = SeededGenerator(state: 77)
    let slopes = features.map { _ in Float(source.normal()) }
    func value(_ tokens: [Float]) -> Double {
      zip(Self.features(placed, tokens: tokens[...]).rows.flatMap { $0 }, slopes)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    var found = [Float](repeating: 0.5, count: width)
    placed.addGradient(slopes, features: features, tokens: tokens, to: &found)
    let largest = found.reduce(0) { max($0, abs($1)) }
    for index in (0..<width).filter({ $0 < 12 || $0 % 5 == 0 || $0 > width - 4 }) {
      func at(_ steps: Float) -> Double {
        var moved = tokens
        moved[index] += steps * 0x1p-5
        return value(moved)
      }
      // Features are rounded to 1e-7, hundreds of them: 1e-5 over the step.
      let slope = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / 12 * 0x1p5
      expectClose(
        [Double(found[index]) - 0.5], [slope], absolute: 1e-3 * Double(max(1, largest)),
        "feature \(index)")
    }
  }

  @Test func `a mirror image differs in the third component alone`() throws {
    let (representation, coordinates) = try Self.fitted("AL2", .topology)
    let tree = representation.tree
    let x = vectors(coordinates.prefix(3 * tree.atoms))
    let mirrored = Self.expected(20 - 1, tree, x.map { SIMD3($0.x, $0.y, -$0.z) })
    let tokens: [Float] = representation.tokens(
      from: Array(coordinates.prefix(3 * tree.atoms)), execution: .serial)
    let found = Self.features(PlacedAtoms(representation), tokens: tokens[...]).rows[19]
    for (index, value) in found.enumerated() {
      let sign: Double = index % 16 == 2 ? -1 : 1
      expectClose([Double(value)], [sign * mirrored[index]], absolute: 2e-5, "\(index)")
    }
  }
}
