import Foundation
import Kernels
import Molecules
import TestSupport
import Testing
import Trajectories

/// The topology of an embedded system.
private func realTopology(_ name: String) throws -> Topology {
  try readPrmtop(path: systemsFolder.appending(path: "\(name)/topology.prmtop").path).topology
}

/// 64 golden conformations: 48 of molecular dynamics, 16 with added noise; nm, [frames, atoms, 3].
private func goldenFrames(_ name: String) throws -> [Double] {
  let file = goldenFolder.appending(path: "systems/\(name)/energies.nc")
  return try NetCDFFile(path: file.path).doubles("positions").values
}

/// The first frames of AL3's reference trajectory, nm, [frames, 33, 3].
private func referenceFrames(_ count: Int) throws -> [Double] {
  let file = systemsFolder.appending(path: "AL3/reference.nc")
  return try NetCDFFile(path: file.path).doubles("coordinates", rows: 0..<count).values
    .map { 0.1 * $0 }
}

private let systems = ["AL2", "AL3", "AL4", "AL6"]

@Suite struct RealConformationTests {
  @Test(arguments: systems)
  func `the made molecules are the real ones`(name: String) throws {
    let (made, real) = (madePeptide(name), try realTopology(name))
    #expect(made.bonds == real.bonds && made.atomicNumbers == real.atomicNumbers)
    #expect(Backbone(made) == Backbone(real))
  }

  @Test(arguments: systems, AtomOrder.allCases)
  func `real conformations come back up to rigid motion`(name: String, order: AtomOrder) throws {
    let topology = try realTopology(name)
    let coordinates = try goldenFrames(name)
    let representation = try InternalRepresentation(
      tree: BondTree(topology: topology, order: order), topology: topology,
      coordinates: coordinates, execution: Execution(workers: 2))
    let tokens: [Double] = representation.tokens(
      from: coordinates, execution: Execution(workers: 2))
    let back = representation.coordinates(from: tokens, execution: Execution(workers: 2))
    let width = 3 * topology.atoms
    #expect(back.inSupport == [Bool](repeating: true, count: 64))
    for frame in 0..<64 {
      let range = frame * width..<(frame + 1) * width
      let (found, expected) = (
        shape(vectors(back.coordinates[range])), shape(vectors(coordinates[range]))
      )
      expectClose(found.distances, expected.distances, absolute: 1e-9, "\(frame) distances")
      expectClose(found.volumes, expected.volumes, absolute: 1e-9, "\(frame) volumes")
    }
  }

  /// Frame 5 of the golden conformations in mdtraj 1.11.1, which computes in single precision.
  @Test(arguments: [
    ("AL2", [-2.35716, 2.88257]),
    ("AL3", [-1.20619, -2.48463, -1.3876, 2.47864]),
    ("AL4", [-2.59156, -1.57188, -1.32357, 2.72462, -3.10205, 2.59272]),
    (
      "AL6",
      [
        -1.8045, -1.60077, -1.25639, -1.40178, -1.09846, 2.84103, -0.07494, 1.08121, 2.77271,
        2.63329,
      ]
    ),
  ])
  func `backbone angles are mdtraj's`(name: String, expected: [Double]) throws {
    let topology = try realTopology(name)
    let frame = Array(
      try goldenFrames(name)[15 * topology.atoms..<18 * topology.atoms])
    let angles = Backbone(topology).angles(of: frame, atoms: topology.atoms, execution: .serial)
    expectClose(angles, expected, absolute: 2e-5)
  }

  @Test(arguments: systems)
  func `L-alanine has handedness 1`(name: String) throws {
    let topology = try realTopology(name)
    let dynamics = try goldenFrames(name).prefix(48 * 3 * topology.atoms)
    let signs = Stereochemistry(topology).handedness(
      of: Array(dynamics), atoms: topology.atoms, execution: Execution(workers: 2))
    #expect(!signs.isEmpty && signs.allSatisfy { $0 == 1 })
  }

  @Test func `only rotors of real conformations are wide`() throws {
    let topology = try realTopology("AL3")
    let coordinates = try referenceFrames(1_000)
    let neighbours = topology.neighbours
    for order in AtomOrder.allCases {
      let tree = try BondTree(topology: topology, order: order)
      let fitted = try InternalRepresentation(
        tree: tree, topology: topology, coordinates: coordinates, execution: Execution(workers: 2))
      for (index, reference) in tree.references.enumerated()
      where neighbours[reference.parent].contains(reference.plane) {
        let spread = fitted.standardDeviations[3 * (index + 1) + 2]
        #expect(spread < 0.25, "\(order): \(topology.atomNames[tree.order[index + 3]])")
      }
      let tokens: [Float] = fitted.tokens(from: coordinates, execution: Execution(workers: 2))
      let back = fitted.coordinates(from: tokens, execution: Execution(workers: 2))
      #expect(back.inSupport.allSatisfy { $0 })
      let (found, expected) = (
        shape(vectors(back.coordinates.prefix(99))), shape(vectors(coordinates.prefix(99)))
      )
      expectClose(found.distances, expected.distances, absolute: 2e-6)
    }
  }
}
