import Foundation
import TensorFiles
import Trajectories

/// A kind of file, and how often a number of it has other bits after it was written and read.
struct FileCheck {
  let name: String
  let deviation: (_ path: String) throws -> Double
}

/// Every kind of file that holds results, with the coordinates of some frames, nm.
func fileChecks(_ molecule: CheckedMolecule) -> [FileCheck] {
  let atoms = molecule.system.topology.atoms
  let trajectory = Trajectory(atoms: atoms, coordinates: molecule.coordinates)
  let rounded = trajectory.roundedToFile().trajectory.coordinates
  let numbers = molecule.coordinates.map { Float($0) }
  return [
    FileCheck(name: "NetCDF trajectory") { path in
      try writeAmberTrajectory(trajectory, path: path)
      return differingBits(try readAmberTrajectory(path: path).trajectory.coordinates, rounded)
    },
    FileCheck(name: "DCD trajectory") { path in
      try writeDCDTrajectory(trajectory, path: path, title: "selftest")
      return differingBits(try readDCDTrajectory(path: path).trajectory.coordinates, rounded)
    },
    FileCheck(name: "safetensors") { path in
      var file = Safetensors()
      file.tensors["x"] = StoredTensor(shape: [numbers.count], values: numbers)
      file.metadata["y"] = "ångström"
      try file.write(path: path)
      let found = try Safetensors(path: path)
      return differingBits(
        (found.tensors["x"]?.values ?? []).map(Double.init), numbers.map(Double.init))
        + (found.metadata["y"] == "ångström" ? 0 : 1)
    },
    FileCheck(name: "NumPy array") { path in
      try writeNPY(numbers, shape: [numbers.count], path: path)
      guard case .floats(let found) = try StoredArray(path: path)?.values else { return .infinity }
      return differingBits(found, numbers.map(Double.init))
    },
    FileCheck(name: "text") { path in
      let text = molecule.coordinates.map { "\($0)" }.joined(separator: "\n")
      try writeText(text, path: path)
      let read = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      return differingBits(read.map { Double($0) ?? .nan }, molecule.coordinates)
    },
  ]
}
