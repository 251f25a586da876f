import Flow
import Kernels
import TensorFiles
import Yams

/// The state that the first rank has found, on all ranks: the others read its checkpoint.
///
/// - Parameters:
///   - run: The folder, which all ranks see.
///   - find: Finds the state in a checkpoint; called on the first rank.
/// - Throws: What `find` throws, and what is wrong with the checkpoint as another rank sees it.
func agreed(
  in run: RunFolder, _ ranks: Ranks, _ find: () throws -> TrainingState?
) throws -> TrainingState? {
  var state = ranks.isFirst ? try find() : nil
  let step = ranks.gathered(state?.step ?? -1)[0]
  guard step >= 0 else { return nil }
  if !ranks.isFirst { state = try Checkpoint(path: run.checkpoint(step: step)).state }
  // No file goes before all have read it.
  if let state { try ranks.checkAgreement(of: state) }
  return state
}

extension Ranks {
  /// Why any of the ranks wants to stop; nil where none does.
  ///
  /// - Parameter reason: Why this one does.
  package func agreed(_ reason: String?) -> String? {
    guard count > 1 else { return reason }
    guard let other = gathered(reason == nil ? 0 : 1).firstIndex(of: 1) else { return nil }
    return reason ?? "rank \(other)"
  }

  /// Checks that all ranks have the same weights: different CPUs round differently.
  /// - Throws: `RunError.configuration` naming the rank that differs from the first.
  func checkAgreement(of state: TrainingState) throws(RunError) {
    try checkAgreement(on: state.weights + state.average, at: state.step, name: "weights")
  }

  /// Checks that all ranks have the same numbers.
  ///
  /// - Parameter name: What they are called.
  /// - Throws: `RunError.configuration` naming the rank that differs from the first.
  package func checkAgreement(
    on numbers: [some BitwiseCopyable], at step: Int, name: String
  ) throws(RunError) {
    guard count > 1 else { return }
    var sum = Checksum()
    sum.add(numbers)
    sum.add([step])
    let sums = gathered(sum.number)
    guard let other = sums.firstIndex(where: { $0 != sums[0] }) else { return }
    throw .configuration(
      source: "rank \(other)",
      problem: "has other \(name) than rank 0 at step \(step); give all ranks the same kind of "
        + "CPU, the same program and the same files")
  }
}

extension RunRecord {
  /// The record that the first rank has, on all ranks; nil where it has none.
  ///
  /// - Parameter own: The record of the first rank; nil on the others.
  /// - Throws: `RunError.configuration` when another rank runs another program.
  package static func ofFirst(_ own: Self?, _ ranks: Ranks) throws -> Self? {
    guard ranks.count > 1 else { return own }
    let bytes = ranks.bytesOfFirst(
      ranks.isFirst ? try own.map { Array(try yamlText($0).utf8) } ?? [] : nil)
    guard !bytes.isEmpty else { return nil }
    if let own { return own }
    do {
      return try YAMLDecoder().decode(Self.self, from: String(decoding: bytes, as: UTF8.self))
    } catch is DecodingError {
      throw RunError.configuration(
        source: "rank \(ranks.rank)",
        problem: "cannot read the record of rank 0; start all ranks with the same program")
    }
  }
}

extension RunFolder {
  /// The folder of the first rank's run, on all ranks.
  ///
  /// - Parameter own: The folder that the first rank has; nil on the others.
  /// - Throws: `RunError.missing` on a rank that does not see it.
  package static func ofFirst(_ own: RunFolder?, _ ranks: Ranks) throws -> RunFolder {
    if let own, ranks.count == 1 { return own }
    let path = ranks.bytesOfFirst(own.map { Array(absolutePath($0.path).utf8) })
    return try own ?? RunFolder(existing: String(decoding: path, as: UTF8.self))
  }
}
