import Foundation
import Kernels
import Molecules
import RunsTestSupport
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

extension FlowJumpsTests {
  /// Exchanges two hydrogens of a methyl group in every frame.
  private func exchanged(_ coordinates: [Double], of molecule: MolecularSystem) throws -> [Double] {
    var coordinates = coordinates
    let atoms = try ["HB1", "HB2"].map {
      3 * (try #require(molecule.topology.atomNames.firstIndex(of: $0)))
    }
    for frame in stride(from: 0, to: coordinates.count, by: 99) {
      for axis in 0..<3 { coordinates.swapAt(frame + atoms[0] + axis, frame + atoms[1] + axis) }
    }
    return coordinates
  }

  /// The flow knows both numberings of one methyl group, and proposes each.
  @Test func `a proposal with exchanged hydrogens is refused`() throws {
    let molecule = try system("AL3")
    let (masses, chains) = (molecule.topology.masses, 4)
    let natural = try alanineFrames(0..<100).coordinates
    let model = try untrainedModel(
      periodic: true,
      scaledBy: natural + exchanged(Array(natural[..<(50 * 99)]), of: molecule))
    let labels = FlowLabels(model.representation, of: molecule)
    let exchange = ReplicaExchange(ladders: chains, thermalEnergies: [molecule.thermalEnergy])
    let begun = walkers(at: try alanineFrames(0..<chains), exchange, masses: masses) { _ in
      Self.hopeless
    }
    let rounds = 30
    let proposed = model.drawConformations(
      rounds * chains, from: 0, seed: 3, stream: .jumpProposals, choosing: .atRandom,
      priorScale: SamplingOptions().priorScale, execution: .serial)
    let energies = molecule.reducedEnergies(proposed.coordinates, execution: .serial)
    let handedness = Stereochemistry(molecule.topology).handedness(
      of: proposed.coordinates, atoms: 33, execution: .serial)
    let matched = labels.match(proposed.coordinates)
    let possible = (0..<rounds * chains).filter {
      proposed.areInSupport[$0] && proposed.logDensities[$0].isFinite && energies[$0].isFinite
        && handedness[3 * $0..<3 * ($0 + 1)].elementsEqual([1, 1, 1])
    }
    let expected = possible.count {
      let own = 99 * $0..<99 * ($0 + 1)
      return matched[own] == proposed.coordinates[own]
    }
    #expect(expected > 1 && expected < possible.count - 1, "\(expected) of \(possible.count)")
    var jumps = try FlowJumps(
      model, path: "two", system: molecule, masses: masses, timeStep: 0.001, seed: 3,
      chains: chains)
    var statistics = JumpStatistics(chains: chains)
    for round in 0..<rounds {
      var walkers = begun
      jumps.attempt(&walkers, exchange, round: round, &statistics, execution: .serial)
    }
    #expect(statistics.accepted.reduce(0, +) == expected)
  }

  @Test func `walkers begin with the hydrogens of the flow`() throws {
    try loadBLAS()
    let molecule = try system("AL3")
    let labels = FlowLabels(try alanineModel().model.representation, of: molecule)
    let start = try readAmberRestart(path: molecule.startPath()).flatMap { [$0.x, $0.y, $0.z] }
    #expect(labels.match(start) == start)
    try withTemporaryFolder { path in
      let other = "\(path)/start.nc"
      try writeAmberTrajectory(
        Trajectory(atoms: 33, coordinates: try exchanged(start, of: molecule)), path: other)
      let folder = SimulationFolder(path: "\(path)/md")
      try FileManager.default.createDirectory(
        atPath: folder.path, withIntermediateDirectories: true)
      // No proposal comes before the end.
      let summary = try run(in: folder, start: other, proposeEvery: 1)
      #expect(summary.jumps?.acceptance == nil)
      let frames = try readAmberTrajectory(path: folder.trajectory).trajectory
      #expect(frames.frames > 0 && labels.match(frames).coordinates == frames.coordinates)
    }
  }
}
