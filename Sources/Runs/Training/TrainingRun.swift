import Kernels
import Reporting

/// A training run that begins or goes on: its record, and its folder once there is one.
package struct TrainingRun<Record: TrainingRecord> {
  package let record: Record
  /// The folder of a run that goes on; nil for a run that begins.
  private let existing: RunFolder?

  /// A run that begins.
  package init(beginning record: Record) {
    self.record = record
    existing = nil
  }

  /// A run that goes on, its inputs checked to be what they were.
  ///
  /// Warns when this machine multiplies with something else than the run began with.
  /// - Throws: `RunError`.
  package init(resuming folder: RunFolder, kernel: String, context: RunContext) throws {
    existing = folder
    record = try Record.read(path: folder.record)
    try record.checkInputs()
    record.arithmetic.warnIfChanged(
      now: Arithmetic(kernel: kernel, precision: record.precision), log: context.log)
  }

  /// Runs `body` in the locked folder, after the record of a run that begins is on the disk.
  ///
  /// - Parameters:
  ///   - path: The folder of a run that begins.
  ///   - kernel: The kernel of OpenBLAS.
  /// - Throws: `RunError`, and what `body` throws.
  package func inFolder<Result>(
    _ path: @autoclosure () -> String, kernel: String, context: RunContext,
    _ body: (RunFolder) throws -> Result
  ) throws -> Result {
    let folder = try existing ?? RunFolder.create(path())
    return try withLock(on: folder.path) {
      if existing == nil {
        guard !RunFolder.isRun(folder.path) else {
          throw RunError.exists(path: folder.path, advice: "choose another folder")
        }
        try record.keepInputs(in: folder.path)
        try record.write(path: folder.record)
      }
      let arithmetic = Arithmetic(kernel: kernel, precision: record.precision)
      context.log.info(
        """
        run folder \(folder.path), \(arithmetic.description(precision: record.precision)), \
        \(context.execution.workers.counted("thread")), seed \(record.seed)
        """)
      return try body(folder)
    }
  }
}
