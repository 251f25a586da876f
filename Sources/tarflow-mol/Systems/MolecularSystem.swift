import Foundation
import Molecules

/// A system folder that has been read: the molecule, its energy and its temperature.
struct MolecularSystem {
  let folder: String
  let description: SystemDescription
  let prmtop: Prmtop
  let solvent: ImplicitSolvent
  let energy: Energy

  var topology: Topology { prmtop.topology }

  /// kT in kJ/mol.
  var thermalEnergy: Double { Constants.gas * description.temperature }

  /// - Parameters:
  ///   - descriptionPath: A `system.yaml`.
  ///   - topologyPath: A prmtop to use in place of the one that the description names.
  init(descriptionPath: String, topologyPath: String? = nil) throws {
    folder = URL(fileURLWithPath: descriptionPath).deletingLastPathComponent().path
    description = try SystemDescription.read(path: descriptionPath)
    prmtop = try readPrmtop(path: topologyPath ?? "\(folder)/\(description.topology)")
    solvent = try description.solvent(path: descriptionPath)
    energy = Energy(prmtop.forceField, solvent: solvent)
  }

  init(folder: String) throws { try self.init(descriptionPath: "\(folder)/system.yaml") }

  /// Energies divided by kT, [frames], of coordinates in nm, [frames, atoms, 3].
  func reducedEnergies(_ coordinates: [Double], workers: Int) -> [Double] {
    energy.terms(coordinates: coordinates, workers: workers).map { $0.total / thermalEnergy }
  }

  /// The path of a trajectory: the one on the command line, or the one that `system.yaml` names.
  /// - Throws: `CommandError.missing`, saying how to get one.
  func trajectoryPath(_ kind: String, given: String?, named: String?) throws -> String {
    let path = given ?? named.map { "\(folder)/\($0)" } ?? "\(folder)/\(kind).nc"
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandError.missing(
        what: "\(kind) trajectory of \(description.name)", path: path,
        advice: "pass --\(kind) FILE.nc, an AMBER NetCDF trajectory (see \(folder)/README.md)")
    }
    return path
  }
}

/// Where a system lies: a folder by its path, or a name in the folder of systems.
///
/// The folder of systems is the one given; or `systems` in the current folder, in the checkout that the current folder
/// or the program lies in, or `../share/tarflow-mol/systems` from the program (an installation).
/// - Throws: `CommandError.missing`, with the names that there are.
func findSystem(_ name: String, in given: String?) throws -> String {
  func isSystem(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/system.yaml")
  }
  if name.contains("/") || name == "." || name == ".." {
    if isSystem(name) { return absolutePath(name) }
    throw CommandError.missing(
      what: "system", path: name, advice: "a system is a folder with system.yaml and its topology")
  }
  let folders = given.map { [$0] } ?? systemFolders()
  for folder in folders where isSystem("\(folder)/\(name)") {
    return absolutePath("\(folder)/\(name)")
  }
  if isSystem(name) { return absolutePath(name) }
  let names = folders.flatMap { folder in
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
      isSystem("\(folder)/\($0)")
    }
  }
  let known = Set(names).sorted()
  throw CommandError.missing(
    what: "system", path: name,
    advice: known.isEmpty
      ? "no folder of systems was found; pass --systems FOLDER"
      : "known systems: \(known.joined(separator: ", "))\(suggestion(for: name, among: known))")
}

private func systemFolders() -> [String] {
  let program =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
  let beside = URL(fileURLWithPath: program).deletingLastPathComponent()
  let here = FileManager.default.currentDirectoryPath
  let folders =
    ["\(here)/systems"] + checkouts(above: here) + checkouts(above: beside.path)
    + ["\(beside.deletingLastPathComponent().path)/share/tarflow-mol/systems"]
  return folders.filter { FileManager.default.fileExists(atPath: $0) }
}

/// `systems` of the checkouts that a folder lies in; any other folder of that name, as in /tmp, may be anybody's.
private func checkouts(above start: String) -> [String] {
  var folders: [String] = []
  var folder = URL(fileURLWithPath: start).standardizedFileURL
  while true {
    if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
      folders.append(folder.appending(path: "systems").path)
    }
    if folder.path == "/" { return folders }
    folder.deleteLastPathComponent()
  }
}

/// The path from the root.
func absolutePath(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
