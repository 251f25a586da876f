import Flow
import Foundation
import Kernels
import Molecules
import Runs

/// Checks that the program computes what it should on this machine, in less than a minute.
package struct SelfTest {
  /// The groups of checks, in their order.
  package static let groups = [
    "energies", "lanes", "products", "flow", "workers", "files", "resume",
  ]

  private let wanted: Set<String>
  private let systems: String?
  private let program: String
  private let workers: Int

  /// - Parameters:
  ///   - groups: The groups that are wanted; all if there are none.
  ///   - systems: The folder of the embedded systems, if it is to be another than usual.
  ///   - program: The path of the program, for a training that is killed.
  package init(groups: [String] = [], systems: String?, program: String, workers: Int) {
    wanted = Set(groups.isEmpty ? Self.groups : groups)
    (self.systems, self.program, self.workers) = (systems, program, workers)
  }

  /// Runs the checks and tells of each when it is done; their files lie in a temporary folder,
  /// which is removed.
  /// - Throws: `BLASError`, or an error of Foundation where no temporary folder can be made.
  package func run(_ report: (SelfCheck) throws -> Void) throws -> [SelfCheck] {
    try loadBLAS()
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "tarflow-mol-selftest-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let checks: [(group: String, run: () -> [SelfCheck])] = [
      ("energies", energyChecks), ("lanes", laneChecks), ("products", productChecks),
      ("flow", flowChecks), ("workers", workerChecks), ("files", { filesChecks(in: folder) }),
      ("resume", { [resumeCheck(in: folder)] }),
    ]
    var done: [SelfCheck] = []
    for group in checks where wanted.contains(group.group) {
      for check in group.run() {
        try report(check)
        done.append(check)
      }
    }
    return done
  }

  /// A system's start structure and frames beside it.
  private func molecule(_ name: String, frames: Int) throws -> CheckedMolecule {
    let folder = try findSystem(name, .molecule, in: systems, advice: "name the folder of systems")
    return try CheckedMolecule(name, folder: folder, frames: frames)
  }

  private func energyChecks() -> [SelfCheck] {
    referenceEnergies.flatMap { name, expected in
      [
        SelfCheck("energies", "energies of \(name)", bound: 2e-3, unit: "kJ/mol") {
          let molecule = try molecule(name, frames: expected.count)
          return energyDeviation(
            molecule.system.energy, of: molecule.coordinates, from: expected)
        },
        SelfCheck("energies", "forces of \(name), from differences of energies", bound: 1e-6) {
          let molecule = try molecule(name, frames: 2)
          let energy = molecule.system.energy
          return forceDeviation(energy, forces: energy, at: molecule.coordinates)
        },
      ]
    }
  }

  private func laneChecks() -> [SelfCheck] {
    let simpler = VectorInstructions.allCases.drop { $0 != .best }.dropFirst()
    return simpler.map { instructions in
      let best = VectorInstructions.best.rawValue
      return SelfCheck("lanes", "\(best) lanes, from \(instructions.rawValue)", bound: 1e-10) {
        let molecule = try molecule("AL3", frames: 11)
        let system = molecule.system
        let plain = Energy(
          system.prmtop.forceField,
          solvent: try system.description.solvent(path: system.descriptionPath),
          instructions: instructions)
        return laneDeviation(system.energy, plain, at: molecule.coordinates)
      }
    }
  }

  private func productChecks() -> [SelfCheck] {
    // Sums of so many terms in single precision, whose rounding errors mostly cancel.
    let bound = 1e-6
    let kernel = (try? loadBLAS()) ?? "?"
    let blas: [(String, Transposed)] = [
      ("a b", .neither), ("aᵀ b", .first), ("a bᵀ", .second),
    ]
    return blas.map { name, transposed in
      SelfCheck("products", "BLAS (\(kernel)), \(name), from sums in double", bound: bound) {
        productDeviation { a, b, c in
          let arena = Arena()
          matrixProduct(
            transposed == .first ? transpose(a, in: arena) : a,
            transposed == .second ? transpose(b, in: arena) : b, transposed, into: c)
        }
      }
    }
      + MatrixUnit.allCases.filter { $0 != .software && $0.isPresent }.map { unit in
        SelfCheck("products", "\(unit.rawValue), from sums in double", bound: bound) {
          productDeviation { a, b, c in unit.multiply(a, by: b, into: c) }
        }
      }
  }

  private func flowChecks() -> [SelfCheck] {
    // Single precision, magnified where a mixture is steep or flat.
    let bound = 1e-3
    var found: (x: Double, logDeterminant: Double)?
    return [
      SelfCheck("flow", "a flow's way there and back", bound: bound) {
        let checked = try CheckedFlow(FlowConfiguration(tokens: 20, features: 3))
        let deviation = inverseDeviation(checked, samples: 32, workers: workers)
        found = deviation
        return deviation.x
      },
      SelfCheck("flow", "log-determinants there and back", bound: bound) {
        found?.logDeterminant ?? .infinity
      },
    ]
  }

  private func workerChecks() -> [SelfCheck] {
    var small = FlowConfiguration(tokens: 20, features: 3)
    (small.width, small.headUnits) = (32, 16)
    let bits = "numbers"
    return [
      SelfCheck("workers", "energies and forces by 2 and 3 workers", bound: 0, unit: bits) {
        let molecule = try molecule("AL3", frames: 70)
        return workerDeviation { workers in
          let found = molecule.system.energy.termsAndForces(
            coordinates: molecule.coordinates, execution: Execution(workers: workers))
          return found.terms.map(\.total) + found.forces
        }
      },
      SelfCheck("workers", "dynamics by 2 and 3 workers", bound: 0, unit: bits) {
        let molecule = try molecule("AL2", frames: 1)
        return workerDeviation { simulatedNumbers(molecule, workers: $0) }
      },
      SelfCheck("workers", "training by 2 and 3 workers", bound: 0, unit: bits) {
        let checked = try CheckedFlow(small)
        return try workerDeviation { try trainedNumbers(checked, workers: $0) }
      },
      SelfCheck("workers", "samples by 2 and 3 workers", bound: 0, unit: bits) {
        let checked = try CheckedFlow(small)
        return workerDeviation { sampledNumbers(checked, workers: $0) }
      },
    ]
  }

  private func filesChecks(in folder: String) -> [SelfCheck] {
    do {
      return fileChecks(try molecule("AL2", frames: 5)).map { check in
        SelfCheck("files", "\(check.name), written and read", bound: 0, unit: "numbers") {
          try check.deviation("\(folder)/\(UUID().uuidString)")
        }
      }
    } catch {
      return [
        SelfCheck("files", "files, written and read", bound: 0, unit: "numbers") { throw error }
      ]
    }
  }

  private func resumeCheck(in folder: String) -> SelfCheck {
    SelfCheck("resume", "a training killed and resumed", bound: 0, unit: "files") {
      let system = try findSystem(
        "AL3", .molecule, in: systems, advice: "name the folder of systems")
      let runs = "\(folder)/runs"
      try FileManager.default.createDirectory(atPath: runs, withIntermediateDirectories: true)
      return try ResumeCheck(
        program: program, systemFolder: system, folder: runs, workers: workers
      ).deviation()
    }
  }
}

private func transpose(_ matrix: Matrix, in arena: Arena) -> Matrix {
  let result = arena.matrix(matrix.columns, matrix.rows)
  for row in 0..<matrix.rows {
    for column in 0..<matrix.columns { result[column][row] = matrix[row][column] }
  }
  return result
}
