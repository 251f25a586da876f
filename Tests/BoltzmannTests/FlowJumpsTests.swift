import Flow
import Foundation
import Kernels
import Molecules
import Runs
import RunsTestSupport
import Synchronization
import TestSupport
import Testing
import Trajectories

@testable import Boltzmann

@Suite struct FlowJumpsTests {
  /// Three states, of which the flow proposes the rarest most often.
  @Test func `independent proposals keep the distribution of a few states, in detailed balance`() {
    let (p, q) = ([0.1, 0.6, 0.3], [0.5, 0.2, 0.3])
    var generator = RandomGenerator(seed: 1, stream: .testing)
    func proposed() -> Int {
      let number = generator.uniform()
      return number < q[0] ? 0 : number < q[0] + q[1] ? 1 : 2
    }
    let steps = 40_000
    var (state, visits, moves) = (0, [0, 0, 0], [[0, 0, 0], [0, 0, 0], [0, 0, 0]])
    for _ in 0..<steps {
      let next = proposed()
      if isIndependentProposalAccepted(
        present: log(p[state] / q[state]), proposed: log(p[next] / q[next]),
        uniform: generator.uniform())
      {
        moves[state][next] += 1
        state = next
      }
      visits[state] += 1
    }
    for index in 0..<3 {
      // The chain forgets within a few steps: w is 3 at most.
      #expect(abs(Double(visits[index]) / Double(steps) - p[index]) < 0.015, "\(visits)")
      for other in 0..<index {
        let (there, back) = (moves[index][other], moves[other][index])
        #expect(there > 300)
        #expect(abs(Double(there - back)) < 4.5 * Double(there + back).squareRoot())
      }
    }
  }

  @Test func `states without density are left and entered as the ratio says`() {
    for uniform in [0.0, 0.5, 0.999_999] {
      func isAccepted(_ present: Double, _ proposed: Double) -> Bool {
        isIndependentProposalAccepted(present: present, proposed: proposed, uniform: uniform)
      }
      #expect(!isAccepted(.infinity, 5) && !isAccepted(.infinity, -.infinity))
      #expect(!isAccepted(1, -.infinity) && !isAccepted(-.infinity, -.infinity))
      #expect(isAccepted(-.infinity, -1e9) && isAccepted(1, 1.000_001))
    }
    #expect(!isIndependentProposalAccepted(present: 2, proposed: 1, uniform: 0.6))
    #expect(isIndependentProposalAccepted(present: 2, proposed: 1, uniform: 0.7))
  }

  func alanineModel() throws -> (model: TrainedModel, path: String) {
    try loadBLAS()
    let path = try system("AL3").modelPath
    return (try TrainedModel(path: path), path)
  }

  /// Proposals, densities and tests once more, from their definitions.
  @Test func `walkers jump where the ratio of weights says, with fresh velocities`() throws {
    let molecule = try system("AL3")
    let (model, path) = try alanineModel()
    let (masses, chains) = (molecule.topology.masses, 4)
    let thermal = molecule.thermalEnergy
    let frames = try alanineFrames(0..<chains)
    let energies = molecule.reducedEnergies(frames.coordinates, execution: .serial)
    let exchange = ReplicaExchange(ladders: chains, thermalEnergies: [thermal])
    var walkers = Walkers(
      at: [SIMD3<Double>](repeating: .zero, count: 33), masses: masses,
      thermalEnergies: exchange.walkerThermalEnergies, seed: 1)
    for chain in 0..<chains {
      walkers.place(
        chain, at: frames.coordinates[99 * chain..<99 * (chain + 1)],
        potential: energies[chain] * thermal, masses: masses
      ) { 0.5 }
    }
    var jumps = try FlowJumps(
      model, path: path, system: molecule, masses: masses, timeStep: 0.001, seed: 3,
      chains: chains)
    var statistics = JumpStatistics(chains: chains)
    var expected = [Int](repeating: 0, count: chains)
    for round in [5, 6, 7] {
      let (tokens, tokenDensities) = model.flow.sample(
        chains, from: round * chains, seed: 3, stream: .jumpProposals, priorScale: 1.01,
        weights: model.weights, execution: .serial)
      let rebuilt = model.representation.coordinates(from: tokens, execution: .serial)
      let proposed = molecule.reducedEnergies(rebuilt.coordinates, execution: .serial)
      let forces = molecule.energy.termsAndForces(
        coordinates: rebuilt.coordinates, execution: .serial
      ).forces
      let before = walkers
      let present = Trajectory(
        atoms: 33, coordinates: (0..<chains).flatMap { walkers.centred($0) })
      let densities = model.logDensities(
        of: present, labels: nil, SamplingOptions(), seed: 1, execution: .serial)
      jumps.attempt(&walkers, exchange, round: round, &statistics, execution: .serial)
      for chain in 0..<chains {
        let old = -before.potentials[chain] / thermal - densities[chain]
        let new = -proposed[chain] - tokenDensities[chain] + rebuilt.logJacobian[chain]
        var generator = RandomGenerator(seed: 3, stream: .jumps, step: round, index: chain)
        let isAccepted = rebuilt.inSupport[chain] && log(1 - generator.uniform()) < new - old
        if isAccepted { expected[chain] += 1 }
        expectClose(
          [walkers.potentials[chain] / thermal],
          [isAccepted ? proposed[chain] : before.potentials[chain] / thermal], absolute: 1e-9)
        #expect((walkers.centred(chain) == before.centred(chain)) == !isAccepted)
        // Maxwell's velocities at the time of the positions, half a step of the forces earlier.
        let kinetic = (0..<99).reduce(0.0) { sum, index in
          let mass = masses[index / 3]
          let velocity =
            generator.normal() * (thermal / mass).squareRoot()
            - 0.5 * 0.001 * forces[99 * chain + index] / mass
          return sum + 0.5 * mass * velocity * velocity
        }
        expectClose(
          [walkers.kinetics[chain]], [isAccepted ? kinetic : before.kinetics[chain]],
          relative: 1e-6)
      }
    }
    #expect(statistics.attempts == [3, 3, 3, 3] && statistics.accepted == expected)
    #expect(expected.reduce(0, +) > 0 && statistics.withoutDensity == 0)
    // Its energy knows what its coordinates are.
    let now = (0..<chains).flatMap { walkers.centred($0) }
    expectClose(
      walkers.potentials.map { $0 / thermal },
      molecule.reducedEnergies(now, execution: .serial), absolute: 1e-6)
  }

  /// Walkers at frames in turn, with a potential energy that is given, kJ/mol.
  func walkers(
    at frames: Trajectory, _ exchange: ReplicaExchange, masses: [Double],
    potential: (_ walker: Int) -> Double
  ) -> Walkers {
    var walkers = Walkers(
      at: [SIMD3<Double>](repeating: .zero, count: 33), masses: masses,
      thermalEnergies: exchange.walkerThermalEnergies, seed: 1)
    for walker in 0..<walkers.count {
      let frame = walker % frames.frames
      walkers.place(
        walker, at: frames.coordinates[99 * frame..<99 * (frame + 1)],
        potential: potential(walker), masses: masses
      ) { 0.5 }
    }
    return walkers
  }

  /// The potential energy of walkers that take whatever is proposed, kJ/mol.
  static let hopeless = 1e300

  /// Every proposal is taken here, so that the walkers show which there were.
  @Test func `the walker on the first rung gets proposals of a flow that is drawn at random`()
    throws
  {
    let molecule = try system("AL3")
    let (masses, chains, thermal) = (molecule.topology.masses, 2, molecule.thermalEnergy)
    let one = try untrainedModel(periodic: true)
    var generator = RandomGenerator(seed: 8, stream: .testing)
    let other = TrainedModel(
      flow: one.flow, weights: one.weights.map { $0 + 0.004 * Float(generator.normal()) },
      representation: one.representation)
    let model = TrainedModel(mixing: [one, other])
    let frames = try alanineFrames(0..<4)
    // In the first ladder the two change places.
    var exchange = ReplicaExchange(ladders: chains, thermalEnergies: [thermal, 1.5 * thermal])
    var exchanged = walkers(at: frames, exchange, masses: masses) { [1e6, 0, 0, 1e6][$0] }
    exchange.attempt(&exchanged, seed: 1)
    let movers = (0..<chains).map { exchange.walker(onRung: 0, ofLadder: $0) }
    #expect(movers == [1, 2])
    let begun = walkers(at: frames, exchange, masses: masses) { _ in Self.hopeless }
    let rounds = 6
    let proposed = model.drawConformations(
      rounds * chains, from: 0, seed: 3, stream: .jumpProposals, choosing: .atRandom,
      priorScale: SamplingOptions().priorScale, execution: .serial)
    let energies = molecule.reducedEnergies(proposed.coordinates, execution: .serial)
    let handedness = Stereochemistry(molecule.topology).handedness(
      of: proposed.coordinates, atoms: 33, execution: .serial)
    var jumps = try FlowJumps(
      model, path: "mixture", system: molecule, masses: masses, timeStep: 0.001, seed: 3,
      chains: chains)
    var (statistics, expected) = (JumpStatistics(chains: chains), [0, 0])
    for round in 0..<rounds {
      var walkers = begun
      jumps.attempt(&walkers, exchange, round: round, &statistics, execution: .serial)
      for (chain, walker) in movers.enumerated() {
        let index = round * chains + chain
        let isTaken =
          proposed.areInSupport[index] && proposed.logDensities[index].isFinite
          && energies[index].isFinite
          && handedness[3 * index..<3 * (index + 1)].elementsEqual([1, 1, 1])
        if isTaken { expected[chain] += 1 }
        let place = Trajectory(
          atoms: 33,
          coordinates: isTaken
            ? Array(proposed.coordinates[99 * index..<99 * (index + 1)])
            : begun.centred(walker))
        let found = walkers.centred(walker)
        // Distances do not depend on where the molecule is.
        for atom in 1..<33 {
          expectClose(
            [distance(Trajectory(atoms: 33, coordinates: found), 0, 0, atom)],
            [distance(place, 0, 0, atom)], absolute: 1e-9, "round \(round), chain \(chain)")
        }
      }
      // The hotter ones stay where they are.
      for walker in [0, 3] { #expect(walkers.centred(walker) == begun.centred(walker)) }
    }
    #expect(statistics.attempts == [rounds, rounds] && statistics.accepted == expected)
    #expect(expected.reduce(0, +) >= 4 && statistics.withoutDensity == 0)
  }

  /// The flow knows both mirror images of every centre, and proposes each.
  @Test func `a proposal of another handedness is refused`() throws {
    let molecule = try system("AL3")
    let (masses, chains) = (molecule.topology.masses, 4)
    let natural = try alanineFrames(0..<100).coordinates
    // Mirrored labels of equal hydrogens would be another reason to refuse a proposal.
    let labels = ExchangeableLabels(
      topology: molecule.topology, forceField: molecule.prmtop.forceField)
    var mirrored = natural.map { -$0 }
    labels.match(&mirrored, to: labels.handedness(Array(natural[..<99])))
    let model = try untrainedModel(periodic: true, scaledBy: natural + mirrored)
    let exchange = ReplicaExchange(ladders: chains, thermalEnergies: [molecule.thermalEnergy])
    let begun = walkers(at: try alanineFrames(0..<chains), exchange, masses: masses) { _ in
      Self.hopeless
    }
    let stereochemistry = Stereochemistry(molecule.topology)
    func handedness(_ coordinates: [Double]) -> [Int] {
      stereochemistry.handedness(of: coordinates, atoms: 33, execution: .serial)
    }
    let rounds = 30
    let proposed = model.drawConformations(
      rounds * chains, from: 0, seed: 3, stream: .jumpProposals, choosing: .atRandom,
      priorScale: SamplingOptions().priorScale, execution: .serial)
    let signs = handedness(proposed.coordinates)
    let natives = (0..<rounds * chains).filter {
      signs[3 * $0..<3 * ($0 + 1)].elementsEqual([1, 1, 1])
    }
    // Each of three centres has either.
    #expect(natives.count > 1 && natives.count < rounds * chains / 2, "\(natives.count)")
    var jumps = try FlowJumps(
      model, path: "two", system: molecule, masses: masses, timeStep: 0.001, seed: 3,
      chains: chains)
    var statistics = JumpStatistics(chains: chains)
    for round in 0..<rounds {
      var walkers = begun
      jumps.attempt(&walkers, exchange, round: round, &statistics, execution: .serial)
      for chain in 0..<chains {
        #expect(handedness(walkers.centred(chain)) == [1, 1, 1], "round \(round)")
      }
    }
    let accepted = statistics.accepted.reduce(0, +)
    #expect(accepted > 0 && accepted <= natives.count, "\(accepted) of \(natives.count)")
    #expect(statistics.withoutDensity == 0)
  }

  @Test func `a flow of another molecule or of Cartesian coordinates is refused`() throws {
    let (model, path) = try alanineModel()
    let other = try system("AL2")
    let error = #expect(throws: RunError.self) {
      _ = try FlowJumps(
        model, path: path, system: other, masses: other.topology.masses, timeStep: 0.001,
        seed: 1, chains: 1)
    }
    #expect(error?.description.contains("is a model of another molecule than AL2, with 33") == true)
    try withTemporaryFolder { folder in
      var settings = BuildSettings(sequence: try PeptideSequence("Ace-Y-Nme"))
      settings.solvent = .none
      let alike = try buildSystem(settings, in: folder, version: "1")
      #expect(alike.topology.atoms == 33)
      let error = #expect(throws: RunError.self) {
        _ = try FlowJumps(
          model, path: path, system: alike, masses: alike.topology.masses, timeStep: 0.001,
          seed: 1, chains: 1)
      }
      #expect(error?.description.contains("of another molecule than Ace-Y-Nme") == true)
    }
    let molecule = try system("AL3")
    let cartesian = TrainedModel(
      flow: model.flow, weights: model.weights,
      representation: try Representation(
        .cartesian, order: .topology, topology: molecule.topology,
        coordinates: try alanineFrames(0..<3).coordinates, execution: .serial))
    let refused = #expect(throws: RunError.self) {
      _ = try FlowJumps(
        cartesian, path: path, system: molecule, masses: molecule.topology.masses,
        timeStep: 0.001, seed: 1, chains: 1)
    }
    #expect(refused?.description.contains("is a model of Cartesian coordinates") == true)
  }

  func run(
    in folder: SimulationFolder, start: String? = nil, proposeEvery: Double = 0.004,
    workers: Int = 1, stop: Int = .max
  ) throws -> SimulationSummary {
    let molecule = try system("AL3")
    var settings = SimulationSettings(
      time: 0.03, temperatures: [molecule.description.temperature])
    (settings.saveEvery, settings.equilibration, settings.chains) = (0.006, 0.006, 3)
    (settings.proposeEvery, settings.seed) = (proposeEvery, 2)
    let looks = Mutex(0)
    let context = CapturedLog().context(workers: workers) {
      looks.withLock { looks in
        looks += 1
        return looks == stop ? "enough" : nil
      }
    }
    let record = try SimulationRecord(
      settings, system: molecule, start: try start ?? molecule.startPath(),
      proposals: molecule.modelPath, context: context)
    #expect(record.inputs.count == 4)
    return try Simulation(record, system: molecule, context: context).run(in: folder)
  }

  @Test func `a simulation with proposals is resumed exactly, on any number of threads`() throws {
    try loadBLAS()
    try withTemporaryFolder { path in
      let folders = ["whole", "stopped"].map { SimulationFolder(path: "\(path)/\($0)") }
      for folder in folders {
        try FileManager.default.createDirectory(
          atPath: folder.path, withIntermediateDirectories: true)
      }
      let summary = try run(in: folders[0])
      #expect(summary.jumps?.attempts == [9, 9, 9])
      #expect(summary.table(trajectory: "t").contains(" of 27 proposals of the flow accepted"))
      for stop in [4, 3] {
        #expect(throws: RunError.self) { try run(in: folders[1], workers: 2, stop: stop) }
      }
      #expect(try run(in: folders[1], workers: 2) == summary)
      let files = try folders.map { try Data(contentsOf: URL(fileURLWithPath: $0.trajectory)) }
      let same = files[0] == files[1]
      #expect(same)
    }
  }
}
