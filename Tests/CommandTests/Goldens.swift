import Foundation
import Molecules
import TestSupport
import Trajectories

/// The golden energies of a system, computed by OpenMM.
func goldenFile(_ system: String) throws -> NetCDFFile {
  try NetCDFFile(path: goldenFolder.appending(path: "systems/\(system)/energies.nc").path)
}

/// Their conformations.
func goldenFrames(_ system: String) throws -> Trajectory {
  let positions = try goldenFile(system).doubles("positions")
  return Trajectory(atoms: positions.shape[1], coordinates: positions.values)
}

/// The names of AL3's atoms.
func alanineNames() throws -> [String] {
  try readPrmtop(path: systemsFolder.appending(path: "AL3/topology.prmtop").path).topology.atomNames
}
