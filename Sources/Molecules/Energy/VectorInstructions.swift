import CKernels

/// The vector instructions that lanes are computed with.
package enum VectorInstructions: String, CaseIterable, Sendable {
  case avx512 = "AVX-512"
  case avx2 = "AVX2"
  /// What every CPU of its kind has: SSE2 on x86-64.
  case baseline

  /// The best that this CPU has.
  package static let best: VectorInstructions =
    switch ck_lanes_choice() {
    case ck_lanes_avx512: .avx512
    case ck_lanes_avx2: .avx2
    default: .baseline
    }

  var target: ck_lane_target {
    switch self {
    case .avx512: ck_lanes_avx512
    case .avx2: ck_lanes_avx2
    case .baseline: ck_lanes_baseline
    }
  }
}
