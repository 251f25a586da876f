import Boltzmann
import Flow
import ImageRuns
import Runs
import TensorFiles

/// Checks that what a command on molecules is given is nothing of images.
///
/// - Parameter meant: What to do with it instead, given the path.
/// - Throws: `RunError.badData`.
func checkMolecule(_ path: String?, _ meant: (_ path: String) -> String) throws {
  guard let path else { return }
  if isImageRun(path) {
    throw RunError.badData(path: path, problem: "is a run on images; \(meant(path))")
  }
  if notes(of: path)["config"] != nil {
    throw RunError.badData(path: path, problem: "holds weights of images; \(meant(path))")
  }
  if let problem = systemProblem(path, .images, except: .molecule) { throw problem }
}

/// Checks that what a command on images is given is nothing of a molecule.
///
/// - Parameter meant: What to do with it instead, given the path.
/// - Throws: `RunError.badData`.
func checkImages(_ path: String, _ meant: (_ path: String) -> String) throws {
  if RunFolder.isRun(path), !isImageRun(path),
    (try? MoleculeRecord.read(path: RunFolder(path: path).record)) != nil
  {
    throw RunError.badData(path: path, problem: "is a run on a molecule; \(meant(path))")
  }
  if ["representation", TrainedFlow.mixtureKey].contains(where: { notes(of: path)[$0] != nil }) {
    throw RunError.badData(path: path, problem: "holds weights of a molecule; \(meant(path))")
  }
  if let problem = systemProblem(path, .molecule, except: .images) ?? systemProblem(path, .images) {
    throw problem
  }
}

/// What a weights file says of itself; nothing for anything else.
private func notes(of path: String) -> [String: String] {
  guard path.hasSuffix(".safetensors") else { return [:] }
  return (try? Safetensors(path: path))?.metadata ?? [:]
}

/// That a path is no run or file but a system, and of another kind than is wanted.
private func systemProblem(
  _ path: String, _ kind: SystemKind, except wanted: SystemKind? = nil
) -> RunError? {
  func isSystem(_ kind: SystemKind) -> Bool {
    (try? findSystem(path, kind, in: nil, advice: "")) != nil
  }
  guard !RunFolder.isRun(path), isSystem(kind), !(wanted.map(isSystem) ?? false) else {
    return nil
  }
  return .badData(
    path: path,
    problem: kind == .images
      ? "is a system of images; train on it first: tarflow-mol image train \(path)"
      : "is a molecule; draw from its model: tarflow-mol sample \(path)")
}
