/// Means and sums of squared deviations of many coordinates, gathered one frame at a time.
struct CoordinateStatistics {
  private(set) var count = 0.0
  private(set) var mean: [Double]
  private var squares: [Double]

  init(coordinates: Int) {
    mean = [Double](repeating: 0, count: coordinates)
    squares = mean
  }

  /// The standard deviations over all frames (not all but one), [coordinates].
  var standardDeviation: [Double] { squares.map { ($0 / count).squareRoot() } }

  /// Adds one frame (Welford's update).
  mutating func add(_ values: [Double]) {
    count += 1
    for index in values.indices {
      let deviation = values[index] - mean[index]
      mean[index] += deviation / count
      squares[index] += deviation * (values[index] - mean[index])
    }
  }

  /// Adds the frames of another set (Chan's update).
  mutating func add(_ other: CoordinateStatistics) {
    guard other.count > 0 else { return }
    let total = count + other.count
    for index in mean.indices {
      let deviation = other.mean[index] - mean[index]
      mean[index] += deviation * other.count / total
      squares[index] += other.squares[index] + deviation * deviation * count * other.count / total
    }
    count = total
  }
}
