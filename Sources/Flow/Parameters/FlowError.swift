/// Why a flow cannot be built, loaded or trained.
package enum FlowError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Numbers of a flow or a training that make no sense, or do not fit each other.
  case configuration(String)
  /// The loss or the gradient is not a number any more, or the loss has left every earlier one
  /// behind.
  case diverged(step: Int, seed: UInt64)
  /// A tensor of a checkpoint that the model does not have, or the other way round.
  case tensor(path: String, name: String, problem: String)

  package var description: String {
    switch self {
    case .configuration(let what): "flow configuration: \(what)"
    case .diverged(let step, let seed):
      "training diverged at step \(step) (seed \(seed)): the loss is not finite, or far above the "
        + "first one; start a new run with a lower learning rate"
    case .tensor(let path, let name, let problem): "\(path): tensor '\(name)' \(problem)"
    }
  }
}
