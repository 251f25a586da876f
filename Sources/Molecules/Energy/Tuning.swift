/// Numbers that change speed and nothing else.
enum Tuning {
  /// Groups of eight frames in a worker's task.
  ///
  /// A task allocates scratch memory once, so that small tasks cost time; large ones leave workers
  /// idle at the end. `benchmarks energy/` times batches of 10,000 frames, 79 tasks.
  static let groupsPerTask = 16
}
