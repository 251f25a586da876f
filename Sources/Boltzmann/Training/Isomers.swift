import Foundation
import Kernels
import Logging
import Molecules

/// The stereoisomers that some frames hold: the handedness of every stereocentre, and cis or trans
/// for every amide.
///
/// Molecular dynamics does not pass from one to another, though they have energies of their own: a
/// flow that may learn from its own proposals would find all of them.
package struct Isomers: Equatable, Sendable {
  private let stereochemistry: Stereochemistry
  private let atoms: Int
  /// The signs that were seen, for every centre and amide.
  private let seen: [Set<Int>]

  /// - Parameter coordinates: nm, [frames, atoms, 3].
  package init(_ topology: Topology, seenIn coordinates: [Double], execution: Execution) {
    stereochemistry = Stereochemistry(topology)
    atoms = topology.atoms
    let width = stereochemistry.centres.count + stereochemistry.amides.count
    let signs = Self.signs(stereochemistry, coordinates, atoms: atoms, execution)
    var seen = [Set<Int>](repeating: [], count: width)
    for (index, sign) in signs.enumerated() { seen[index % width].insert(sign) }
    self.seen = seen
  }

  /// Whether each frame is of a kind that was seen, [frames].
  package func contain(_ coordinates: [Double], execution: Execution) -> [Bool] {
    let frames = coordinates.count / (3 * atoms)
    let width = seen.count
    let signs = Self.signs(stereochemistry, coordinates, atoms: atoms, execution)
    return (0..<frames).map { frame in
      (0..<width).allSatisfy { seen[$0].contains(signs[frame * width + $0]) }
    }
  }

  /// [frames, centres + amides].
  private static func signs(
    _ stereochemistry: Stereochemistry, _ coordinates: [Double], atoms: Int, _ execution: Execution
  ) -> [Int] {
    let frames = coordinates.count / (3 * atoms)
    let centres = stereochemistry.handedness(of: coordinates, atoms: atoms, execution: execution)
    let amides = stereochemistry.isomers(of: coordinates, atoms: atoms, execution: execution)
    func row(_ signs: [Int], _ frame: Int, _ width: Int) -> ArraySlice<Int> {
      signs[frame * width..<(frame + 1) * width]
    }
    return (0..<frames).flatMap { frame in
      row(centres, frame, stereochemistry.centres.count)
        + row(amides, frame, stereochemistry.amides.count)
    }
  }
}

extension TrainingInputs {
  /// The isomers that a training with energies learns: those of its frames, or, where it learns from
  /// the energy alone, those of the start structure, since hot frames may have changed.
  ///
  /// The first frame stands in for a start that cannot be read, as a warning says.
  func isomers(execution: Execution, log: Logger) -> Isomers {
    guard !configuration.energies.usesSamples else {
      return Isomers(system.topology, seenIn: training.coordinates, execution: execution)
    }
    let start: [Double]
    do {
      start = try readStart(existingStart(), of: system).flatMap { [$0.x, $0.y, $0.z] }
    } catch {
      log.warning(
        """
        \(error); handedness and cis or trans amides are those of the first frame of \
        \(record.training.path)
        """)
      start = Array(training.coordinates[..<(3 * system.topology.atoms)])
    }
    return Isomers(system.topology, seenIn: start, execution: execution)
  }

  /// The system's start; a run's copies all lie in one folder.
  private func existingStart() throws -> String {
    let path = try system.startPath()
    let copy = "\(system.folder)/\(URL(fileURLWithPath: path).lastPathComponent)"
    return FileManager.default.fileExists(atPath: path) ? path : copy
  }
}
