import Foundation
import Kernels
import TestSupport
import Testing

@testable import Molecules

@Suite struct RepresentationGradientTests {
  /// A smooth function of the positions, with its gradient.
  private struct Landscape {
    let slopes: [Double]

    init(_ count: Int) {
      var source = SeededGenerator(state: 3)
      slopes = (0..<count).map { _ in source.normal() }
    }

    func value(_ x: [Double]) -> Double {
      zip(x, slopes).reduce(0) { $0 + sin(3 * $1.0) * $1.1 }
    }

    func gradient(_ x: [Double]) -> [Double] { zip(x, slopes).map { 3 * cos(3 * $0) * $1 } }
  }

  @Test(arguments: madeCases, [1, 6])
  func `gradients of positions and volume are the slopes of the numeric map`(
    madeCase: (String, AtomOrder), size: Int
  ) throws {
    let topology = try #require(madeMolecules[madeCase.0])
    let tree = try BondTree(topology: topology, order: madeCase.1)
    var source = SeededGenerator(state: 31)
    let coordinates = source.ensemble(tree, frames: 20)
    var representation = try InternalRepresentation(
      tree: tree, atomsPerToken: size, topology: topology, coordinates: coordinates,
      execution: .serial)
    representation.hasPeriodicTorsions = true
    let width = representation.groups.tokens * representation.groups.features
    let landscape = Landscape(3 * tree.atoms)
    var tokens: [Double] = Array(
      representation.tokens(from: coordinates, execution: .serial).prefix(2 * width))
    // A torsion outside its window is the same angle.
    tokens[5] += 2 * .pi / representation.standardDeviations[5]
    let rebuilt = representation.coordinates(from: tokens, execution: .serial)
    let slopes = landscape.gradient(Array(rebuilt.coordinates.prefix(3 * tree.atoms)))
    let found = representation.tokenGradient(
      of: slopes + [Double](repeating: 0, count: 3 * tree.atoms), at: tokens,
      coordinates: rebuilt.coordinates, execution: Execution(workers: 2))
    func values(_ tokens: [Double]) -> (whole: Double, volume: Double) {
      let rebuilt = representation.coordinates(from: tokens, execution: .serial)
      return (
        landscape.value(rebuilt.coordinates) + rebuilt.logJacobian[0], rebuilt.logJacobian[0]
      )
    }
    for frame in 0..<2 {
      let own = Array(tokens[frame * width..<(frame + 1) * width])
      for index in 0..<width {
        func at(_ steps: Double) -> Double {
          var moved = own
          moved[index] += steps * 1e-3
          let found = values(moved)
          return frame == 0 ? found.whole : found.volume
        }
        let slope = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / 12 * 1e3
        expectClose(
          [found[frame * width + index]], [slope], absolute: 1e-7, relative: 1e-6,
          "frame \(frame), feature \(index)")
      }
    }
  }

  @Test func `the gradient of Cartesian tokens is the slope of the numeric map`() throws {
    let topology = try #require(madeMolecules["AL2"])
    var source = SeededGenerator(state: 8)
    let coordinates = (0..<4).flatMap { _ in
      source.points(topology.atoms).flatMap { [$0.x, $0.y, $0.z] }
    }
    let representation = try Representation(
      .cartesian, order: .topology, topology: topology, coordinates: coordinates,
      execution: .serial)
    let width = 3 * topology.atoms
    let landscape = Landscape(width)
    // Exact in single precision, also after the steps.
    let tokens = (0..<width).map { _ in Float(Int(source.normal() * 256)) / 256 }
    func value(_ tokens: [Float]) -> Double {
      let rebuilt = representation.coordinates(from: tokens, execution: .serial)
      return landscape.value(rebuilt.coordinates) + rebuilt.logJacobian[0]
    }
    let rebuilt = representation.coordinates(from: tokens, execution: .serial)
    let found = representation.tokenGradient(
      of: landscape.gradient(rebuilt.coordinates), at: tokens, coordinates: rebuilt.coordinates,
      execution: .serial)
    for index in 0..<width {
      func at(_ steps: Float) -> Double {
        var moved = tokens
        moved[index] += steps * 0x1p-6
        return value(moved)
      }
      let slope = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / 12 * 0x1p6
      expectClose([found[index]], [slope], absolute: 1e-5, relative: 1e-5, "\(index)")
    }
  }
}
