import TensorFiles

/// A trained flow with its weights, as `Checkpoint.writeModel` writes it.
package struct TrainedFlow: Sendable {
  package let flow: TarFlow
  package let weights: [Float]
  /// [tokens, features].
  package let priorVariance: [Float]
  package let notes: [String: String]

  /// - Throws: `SafetensorsError` or `FlowError`.
  package init(path: String) throws {
    try self.init(try Safetensors(path: path), path: path)
  }

  /// - Parameter path: The name of the file in errors.
  private init(_ file: Safetensors, path: String) throws {
    flow = try TarFlow(try flowConfiguration(of: file, path: path))
    weights = try flow.weights(from: file, path: path)
    priorVariance = try flow.priorVariance(from: file, path: path)
    notes = file.metadata
  }

  /// Reads all flows of a file: those of a mixture, or the only one.
  /// - Throws: `SafetensorsError` or `FlowError`.
  package static func all(path: String) throws -> [TrainedFlow] {
    try parts(of: try Safetensors(path: path), path: path).map { try TrainedFlow($0, path: path) }
  }
}

// MARK: - Mixtures

extension TrainedFlow {
  /// The key of the number of flows in the metadata of a mixture.
  package static let mixtureKey = "mixture"
  /// How many flows a mixture may have.
  package static let mixtureCounts = 2...64

  /// What stands before the names of the tensors and texts of a flow of a mixture.
  private static func prefix(_ member: Int) -> String { "flow\(member + 1)." }

  /// Writes the flows of several files into one, as a mixture; those of a mixture count one by one.
  ///
  /// The tensors and texts of flow k get the prefix `flowK.`, so that a reader of single flows finds
  /// none. `all(path:)` gives back what it gives of the files one after the other, bit by bit
  /// (`MixtureTests`).
  ///
  /// - Parameter notes: Texts of the mixture as a whole.
  /// - Returns: The number of flows.
  /// - Throws: `SafetensorsError`, also for more flows than ``mixtureCounts``.
  package static func writeMixture(
    of files: [String], notes: [String: String], to path: String
  ) throws -> Int {
    let members = try files.flatMap { try parts(of: try Safetensors(path: $0), path: $0) }
    guard mixtureCounts.contains(members.count) else {
      throw SafetensorsError.content(
        path: path,
        problem: "would be a mixture of \(members.count) flows, expected "
          + "\(mixtureCounts.lowerBound) to \(mixtureCounts.upperBound)")
    }
    var mixture = Safetensors()
    mixture.hasChecksum = true
    mixture.metadata = notes.merging([mixtureKey: "\(members.count)"]) { $1 }
    for (index, member) in members.enumerated() {
      let prefix = prefix(index)
      for (name, tensor) in member.tensors { mixture.tensors[prefix + name] = tensor }
      for (key, text) in member.metadata { mixture.metadata[prefix + key] = text }
    }
    try mixture.write(path: path)
    return members.count
  }

  /// The files of the flows of a mixture; the file itself where it is of one flow.
  private static func parts(of file: Safetensors, path: String) throws -> [Safetensors] {
    guard let text = file.metadata[mixtureKey] else { return [file] }
    guard let count = Int(text), mixtureCounts.contains(count) else {
      throw SafetensorsError.content(
        path: path,
        problem: "the metadata '\(mixtureKey)' is \(text), expected \(mixtureCounts.lowerBound) to "
          + "\(mixtureCounts.upperBound)")
    }
    let members = (0..<count).map { index in
      var member = Safetensors()
      let prefix = prefix(index)
      for (name, tensor) in file.tensors where name.hasPrefix(prefix) {
        member.tensors[String(name.dropFirst(prefix.count))] = tensor
      }
      for (key, text) in file.metadata where key.hasPrefix(prefix) {
        member.metadata[String(key.dropFirst(prefix.count))] = text
      }
      return member
    }
    guard members.reduce(0, { $0 + $1.tensors.count }) == file.tensors.count else {
      throw SafetensorsError.content(
        path: path, problem: "has tensors that belong to none of its \(count) flows")
    }
    return members
  }
}

/// The flow of a checkpoint or a model's file.
/// - Throws: `SafetensorsError`.
func flowConfiguration(of file: Safetensors, path: String) throws -> FlowConfiguration {
  guard let text = file.metadata["flow"] else {
    let problem =
      file.metadata[TrainedFlow.mixtureKey] == nil
      ? "the metadata 'flow' is missing; no checkpoint of this program"
      : "is a mixture of flows; name one of those that it was made of"
    throw SafetensorsError.content(path: path, problem: problem)
  }
  if let version = file.metadata["version"], version != "1" {
    throw SafetensorsError.content(
      path: path,
      problem: "is of format version \(version), this program reads version 1; use a newer program")
  }
  do {
    return try flowConfiguration(metadata: text)
  } catch {
    throw SafetensorsError.content(
      path: path, problem: "the metadata 'flow' is no flow configuration")
  }
}
