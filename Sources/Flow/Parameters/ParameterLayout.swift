import Kernels

/// A named slice of the flat buffer that holds all parameters of a flow.
package struct Slot: Equatable, Sendable {
  package let name: String
  package let shape: [Int]
  package let offset: Int
  /// The standard deviation or the bound with which the slice is drawn at first.
  let initial: InitialValues

  package var count: Int { shape.reduce(1, *) }

  /// The slice of the weights as a matrix: the last dimension is a row.
  func matrix(_ weights: Weights) -> Matrix { matrix(weights.base) }

  /// The slice of the weights as a vector.
  func vector(_ weights: Weights) -> UnsafeMutablePointer<Float> { vector(weights.base) }

  /// The slice as a matrix: the last dimension is a row.
  func matrix(_ base: UnsafeMutablePointer<Float>) -> Matrix {
    let columns = shape.last ?? 1
    return Matrix(base + offset, rows: count / columns, columns: columns)
  }

  /// The slice as a vector.
  func vector(_ base: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> { base + offset }
}

/// A weight [out, in] that a matrix unit may multiply, and its place among all of them.
struct PanelSlot: Equatable, Sendable {
  let weight: Slot
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

/// How a parameter starts.
enum InitialValues: Equatable, Sendable {
  case constant(Float)
  case normal(Float)
  /// Uniform in ±bound; PyTorch's default for a linear layer is 1/√inputs.
  case uniform(Float)
  case values([Float])
}

/// The names, shapes and places of all parameters of a flow, in one order.
package struct ParameterLayout: Equatable, Sendable {
  package private(set) var slots: [Slot] = []
  package private(set) var count = 0
  /// The weights that a matrix unit may multiply.
  private(set) var panels: [PanelSlot] = []

  mutating func add(_ name: String, _ shape: [Int], _ initial: InitialValues) -> Slot {
    let slot = Slot(name: name, shape: shape, offset: count, initial: initial)
    slots.append(slot)
    count += slot.count
    return slot
  }

  /// Says that a matrix unit may multiply a weight [out, in].
  mutating func addPanels(of weight: Slot, mayBeRounded: Bool) -> PanelSlot {
    let slot = PanelSlot(weight: weight, index: panels.count, mayBeRounded: mayBeRounded)
    panels.append(slot)
    return slot
  }

  /// Draws all parameters for the start of a training; the same for the same seed.
  package func initialValues(seed: UInt64) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for (index, slot) in slots.enumerated() {
      var generator = RandomGenerator(seed: seed, stream: .initialization, index: index)
      for element in 0..<slot.count {
        switch slot.initial {
        case .constant(let value): values[slot.offset + element] = value
        case .normal(let deviation):
          values[slot.offset + element] = deviation * Float(generator.normal())
        case .uniform(let bound):
          values[slot.offset + element] = bound * Float(2 * generator.uniform() - 1)
        case .values(let list): values[slot.offset + element] = list[element % list.count]
        }
      }
    }
    return values
  }
}
