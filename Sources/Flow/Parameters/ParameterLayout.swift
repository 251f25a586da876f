import Kernels

/// The names, shapes and places of all parameters of a flow, in one order.
///
/// Weights, gradient, moments and averages are flat arrays of this layout.
package struct ParameterLayout: Equatable, Sendable {
  package private(set) var parameters: [Parameter] = []
  /// The elements of all parameters.
  package private(set) var count = 0
  /// The matrices between hidden layers, which Muon takes steps of.
  private(set) var hiddenMatrices: [Muon.Place] = []
  /// The weights that a matrix unit may multiply.
  private(set) var packedWeights: [PackedWeight] = []

  mutating func add(_ name: String, _ shape: [Int], _ initial: InitialValues) -> Parameter {
    let parameter = Parameter(name: name, shape: shape, offset: count, initial: initial)
    parameters.append(parameter)
    count += parameter.count
    return parameter
  }

  /// Says that a matrix unit may multiply a weight [out, in].
  mutating func addPanels(of weight: Parameter, mayBeRounded: Bool) -> PackedWeight {
    let packed = PackedWeight(
      weight: weight, index: packedWeights.count, mayBeRounded: mayBeRounded)
    packedWeights.append(packed)
    return packed
  }

  /// Says that a weight [out, in] lies between hidden layers, as so many matrices that follow each
  /// other.
  mutating func addHiddenMatrices(of weight: WeightParameter, count: Int = 1) {
    let parameter = weight.parameter
    let (rows, columns) = (parameter.shape[0] / count, parameter.shape[1])
    hiddenMatrices += (0..<count).map {
      Muon.Place(offset: parameter.offset + $0 * rows * columns, rows: rows, columns: columns)
    }
  }

  /// The ranges of all other parameters, in order.
  var besideHiddenMatrices: [Range<Int>] {
    let places = hiddenMatrices.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
    let (starts, ends) = ([0] + places.map(\.upperBound), places.map(\.lowerBound) + [count])
    return zip(starts, ends).map { $0..<$1 }.filter { !$0.isEmpty }
  }

  /// Draws all parameters for the start of a training, in the order of the layout.
  ///
  /// The values depend on the seed and the layout alone (`DensityTests`).
  package func initialValues(seed: UInt64) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for (index, parameter) in parameters.enumerated() {
      var generator = RandomGenerator(seed: seed, stream: .initialization, index: index)
      for element in 0..<parameter.count {
        switch parameter.initial {
        case .constant(let value): values[parameter.offset + element] = value
        case .normal(let deviation):
          values[parameter.offset + element] = deviation * Float(generator.normal())
        case .uniform(let bound):
          values[parameter.offset + element] = bound * Float(2 * generator.uniform() - 1)
        case .values(let list): values[parameter.offset + element] = list[element % list.count]
        }
      }
    }
    return values
  }
}
