import Flow

/// Runs the checks of a group of settings, and says of what they find where it stands:
/// "training.batch is 0, …".
/// - Throws: `RunError.configuration` in place of `FlowError.configuration`.
package func checkLimits<Result>(
  of group: String, _ check: () throws(FlowError) -> Result
) throws -> Result {
  do throws(FlowError) {
    return try check()
  } catch .configuration(let problem) {
    throw RunError.configuration(source: "configuration", problem: "\(group).\(problem)")
  }
}
