import Kernels

/// A named tensor in the flat array that holds all parameters of a flow.
package struct Parameter: Equatable, Sendable {
  package let name: String
  package let shape: [Int]
  /// Where its first element lies in the flat array.
  package let offset: Int
  let initial: InitialValues

  package var count: Int { shape.reduce(1, *) }

  /// The parameter as a matrix: the last dimension is a row.
  func matrix(_ weights: Weights) -> Matrix { matrix(weights.base) }

  /// The parameter as a vector.
  func vector(_ weights: Weights) -> UnsafeMutablePointer<Float> { vector(weights.base) }

  /// The place of the parameter in a gradient (or any flat array of the layout) as a matrix.
  func matrix(_ base: UnsafeMutablePointer<Float>) -> Matrix {
    let columns = shape.last ?? 1
    return Matrix(base + offset, rows: count / columns, columns: columns)
  }

  /// The place of the parameter in a gradient (or any flat array of the layout) as a vector.
  func vector(_ base: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> { base + offset }
}

/// The values of a parameter at the start of a training.
enum InitialValues: Equatable, Sendable {
  case constant(Float)
  /// Normal with mean 0 and this standard deviation.
  case normal(Float)
  /// Uniform in ±bound; PyTorch's default for a linear layer is 1/√inputs.
  case uniform(Float)
  case values([Float])
}

/// A weight [out, in] that a matrix unit may multiply, and its number among all of them.
struct PackedWeight: Equatable, Sendable {
  let weight: Parameter
  let index: Int
  let mayBeRounded: Bool

  var outputs: Int { weight.shape[0] }
  var inputs: Int { weight.shape[1] }

  /// The bytes of the panels for `x Wᵀ`.
  func forwardSize(_ unit: MatrixUnit) -> Int {
    Panels.size(unit, rows: inputs, columns: outputs)
  }

  /// The bytes of the panels for `dy W`.
  func backwardSize(_ unit: MatrixUnit) -> Int {
    Panels.size(unit, rows: outputs, columns: inputs)
  }
}
