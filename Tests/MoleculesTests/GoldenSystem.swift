import Boltzmann
import Foundation
import Molecules
import TestSupport
import Testing
import Trajectories

/// A molecule with energies and forces from OpenMM's Reference platform.
struct GoldenSystem: Sendable, CustomTestStringConvertible {
  var name: String
  /// Where topology.prmtop and system.yaml lie.
  var folder: URL
  var energies: URL

  var testDescription: String { name }
  var topology: String { folder.appending(path: "topology.prmtop").path }

  /// The cases of the repository, and those of the folder that TARFLOW_TEST_SYSTEMS names.
  static let all: [GoldenSystem] = {
    var found = folders(goldenFolder.appending(path: "systems")).map { folder in
      GoldenSystem(
        name: folder.lastPathComponent,
        folder: systemsFolder.appending(path: folder.lastPathComponent),
        energies: folder.appending(path: "energies.nc"))
    }
    if let more = ProcessInfo.processInfo.environment["TARFLOW_TEST_SYSTEMS"] {
      for folder in folders(URL(fileURLWithPath: more)) {
        let files = ["energies.nc", "topology.prmtop", "system.yaml"].map {
          folder.appending(path: $0)
        }
        guard files.allSatisfy({ FileManager.default.fileExists(atPath: $0.path) }) else {
          continue
        }
        found.append(
          GoldenSystem(
            name: "more/\(folder.lastPathComponent)", folder: folder, energies: files[0]))
      }
    }
    return found
  }()

  /// The embedded case of that name.
  static func named(_ name: String) throws -> GoldenSystem {
    try #require(all.first { $0.name == name })
  }

  private static func folders(_ parent: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
    return names.sorted().map { parent.appending(path: $0) }
      .filter { (try? $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true }
  }

  func prmtop() throws -> Prmtop { try system().prmtop }

  func solvent() throws -> ImplicitSolvent {
    let system = try system()
    return try system.description.solvent(path: system.descriptionPath)
  }

  func energy() throws -> Energy { try system().energy }

  private func system() throws -> MolecularSystem { try MolecularSystem(folder: folder.path) }

  /// A variable of energies.nc.
  func values(_ variable: String) throws -> [Double] {
    try NetCDFFile(path: energies.path).doubles(variable).values
  }

  /// The positions of one golden frame, nm, [atoms].
  func positions(frame: Int) throws -> [SIMD3<Double>] {
    let (shape, values) = try NetCDFFile(path: energies.path).doubles("positions")
    return (0..<shape[1]).map { atom in
      let offset = 3 * (frame * shape[1] + atom)
      return SIMD3(values[offset], values[offset + 1], values[offset + 2])
    }
  }
}
