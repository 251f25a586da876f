import Boltzmann
import Flow
import Foundation
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

@Suite struct TokenDensityTests {
  private let molecule: MolecularSystem
  private let representation: InternalRepresentation
  private let frames: Trajectory
  private let isomers: Isomers

  init() throws {
    molecule = try system("AL3")
    frames = try alanineFrames(0..<200)
    guard
      case .internal(let representation) = try Representation(
        .internal, order: .topology, topology: molecule.topology,
        coordinates: frames.coordinates, execution: .serial)
    else { throw RepresentationError.fewAtoms(found: 0) }
    self.representation = representation
    isomers = Isomers(molecule.topology, seenIn: frames.coordinates, execution: .serial)
  }

  @Test func `the density of a frame is its energy and the volume of its tokens`() throws {
    let density = molecule.tokenDensity(representation, isomers: isomers)
    let tokens: [Float] = representation.tokens(
      from: Array(frames.coordinates[..<(2 * 33 * 3)]), execution: .serial)
    let values = density(tokens, 1, 2)
    #expect(values.count == 2)
    let rebuilt = representation.coordinates(from: tokens, execution: .serial)
    let energies = molecule.reducedEnergies(frames.coordinates, execution: .serial)
    for frame in 0..<2 {
      // Tokens are rounded to single precision: stiff bonds feel it.
      expectClose(
        [values[frame]], [rebuilt.logJacobian[frame] - energies[frame]], absolute: 2e-2, "log p̃")
    }
  }

  /// They change the volume of the tokens: where an atom's axis is a hydrogen, its angle is another.
  @Test func `other labels of equivalent hydrogens leave the energy in the density`() throws {
    let density = molecule.tokenDensity(representation, isomers: isomers)
    let equivalent = EquivalentAtoms(
      topology: molecule.topology, forceField: molecule.prmtop.forceField)
    #expect(!equivalent.groups.isEmpty)
    var tokens: [Float] = representation.tokens(from: frames.coordinates, execution: .serial)
    func energies(_ tokens: [Float]) -> [Double] {
      let volumes = representation.coordinates(from: tokens, execution: .serial).logJacobian
      return zip(density(tokens, 1, 2), volumes).map { $1 - $0 }
    }
    let (original, before) = (tokens, energies(tokens))
    var generator = RandomGenerator(seed: 1, stream: .testing)
    for frame in 0..<200 {
      representation.relabel(&tokens, frame: frame) { positions in
        equivalent.relabel(&positions) { Int.random(in: 0..<$0, using: &generator) }
      }
    }
    #expect(tokens != original)
    expectClose(energies(tokens), before, absolute: 2e-2, "U/kT")
  }

  @Test func `a mirror image is another isomer`() {
    let mirrored = frames.coordinates.indices.map {
      $0 % 3 == 0 ? -frames.coordinates[$0] : frames.coordinates[$0]
    }
    #expect(isomers.contain(frames.coordinates, execution: .serial).allSatisfy { $0 })
    #expect(!isomers.contain(mirrored, execution: .serial).contains(true))
    let tokens: [Float] = representation.tokens(from: mirrored, execution: .serial)
    let density = molecule.tokenDensity(representation, isomers: isomers)
    #expect(density(tokens, 1, 2).allSatisfy { $0 == -.infinity })
  }

  @Test func `a hotter target counts the energy less`() {
    let tokens: [Float] = representation.tokens(from: frames.coordinates, execution: .serial)
    let density = molecule.tokenDensity(representation, isomers: isomers)
    let volumes = representation.coordinates(from: tokens, execution: .serial).logJacobian
    let (cold, hot) = (density(tokens, 1, 2), density(tokens, 0.25, 2))
    expectClose(
      zip(hot, volumes).map { 4 * ($0 - $1) }, zip(cold, volumes).map { $0 - $1 }, absolute: 1e-9,
      "U/kT")
  }

  @Test func `tokens outside the support have no density`() {
    var tokens: [Float] = representation.tokens(
      from: Array(frames.coordinates[..<(2 * 33 * 3)]), execution: .serial)
    tokens[tokens.count / 2 + 3] = -1e6
    let values = molecule.tokenDensity(representation, isomers: isomers)(tokens, 1, 1)
    #expect(values[0].isFinite && values[1] == -.infinity)
  }
}
