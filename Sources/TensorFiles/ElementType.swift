import Foundation

/// The element types of safetensors that are read.
enum ElementType: String {
  case float32 = "F32"
  case float64 = "F64"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case int64 = "I64"

  var size: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// The elements in single precision; the bytes need not be aligned.
  func floats(_ bytes: Data) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / size).map { index in
        let offset = index * size
        switch self {
        case .float32: return raw.loadUnaligned(fromByteOffset: offset, as: Float.self)
        case .float64: return Float(raw.loadUnaligned(fromByteOffset: offset, as: Double.self))
        case .int32: return Float(raw.loadUnaligned(fromByteOffset: offset, as: Int32.self))
        case .int64: return Float(raw.loadUnaligned(fromByteOffset: offset, as: Int64.self))
        case .bfloat16:
          let bits = UInt32(raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
          return Float(bitPattern: bits << 16)
        case .float16:
          return halfToFloat(raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        }
      }
    }
  }
}

/// An IEEE half-precision number, given by its bits.
private func halfToFloat(_ bits: UInt16) -> Float {
  let sign: Float = bits >> 15 == 0 ? 1 : -1
  let exponent = Int(bits >> 10 & 31)
  let fraction = Float(bits & 1023) / 1024
  switch exponent {
  case 0: return sign * fraction * 0x1p-14
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
  }
}
