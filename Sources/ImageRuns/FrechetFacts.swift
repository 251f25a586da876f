import Images
import Reporting
import Runs

/// The sizes of two sets of features and their Fréchet distance.
///
/// - Parameter paths: Two `.npy` files [samples, features].
/// - Throws: `ImageError`, `LinearAlgebraError`, or `RunError.badData` when the features are not as
///   many.
package func frechetFacts(_ paths: [String]) throws -> [Fact] {
  let sets = try paths.map { path in
    let (values, width) = try readFeatures(path)
    return (
      count: values.count / width, width: width,
      statistics: try FeatureStatistics(values, features: width)
    )
  }
  guard sets[0].width == sets[1].width else {
    throw RunError.badData(
      path: paths[1],
      problem: "has \(sets[1].width) features, \(paths[0]) has \(sets[0].width)")
  }
  return [
    ("samples", .text("\(sets[0].count) \(sets[1].count)")), ("features", .count(sets[0].width)),
    ("Fréchet distance", .number(try frechetDistance(sets[0].statistics, sets[1].statistics))),
  ]
}
