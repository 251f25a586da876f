/// The files of a draw in a folder.
package struct DrawFolder: Equatable, Sendable {
  /// The conformations, and their log-densities, energies and weights.
  package let samples, weights: String
  /// How they were drawn: a ``Draw``.
  package var record: String { Draw.path(beside: samples) }

  package init(path: String) {
    (samples, weights) = ("\(path)/samples.nc", "\(path)/weights.csv")
  }

  /// The paths of all files.
  package var files: [String] { [samples, record, weights] }
}
