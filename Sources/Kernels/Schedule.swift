import Foundation

/// How the learning rate changes over the steps of a training.
package enum Schedule: String, Codable, Equatable, Sendable, CaseIterable {
  /// Linear warm-up, then half a cosine down to `finalFraction` of the peak.
  case cosine
  /// The one-cycle policy (Smith & Topin 2018; PyTorch's `OneCycleLR` with cosine annealing): a
  /// cosine from 1/500 of the peak up over the warm-up, and a cosine back down to 1/500.
  case oneCycle = "onecycle"
  /// The peak from first to last.
  case constant
  /// TarFlow's image code: a line from `finalFraction` of the peak up to the peak, then half a
  /// cosine back down.
  case warmCosine = "warm_cosine"

  /// The learning rate of a step.
  ///
  /// - Parameters:
  ///   - step: From 0 to `steps` − 1.
  ///   - warmUp: Steps until the peak is reached.
  ///   - finalFraction: Where the cosine ends, as a fraction of the peak.
  package func rate(step: Int, steps: Int, peak: Double, warmUp: Int, finalFraction: Double)
    -> Double
  {
    func cosine(from start: Double, to end: Double, _ progress: Double) -> Double {
      end + (start - end) * (1 + cos(.pi * progress)) / 2
    }
    switch self {
    case .constant: return peak
    case .cosine:
      if step < warmUp { return peak * Double(step + 1) / Double(warmUp) }
      let progress = Double(step - warmUp) / Double(max(1, steps - 1 - warmUp))
      return cosine(from: peak, to: peak * finalFraction, min(1, progress))
    case .warmCosine:
      let low = peak * finalFraction
      if step <= warmUp {
        return warmUp > 0 ? low + (peak - low) * Double(step) / Double(warmUp) : peak
      }
      let progress = Double(step - warmUp) / Double(max(1, steps - warmUp))
      return cosine(from: peak, to: low, min(1, progress))
    case .oneCycle:
      let low = peak / 500
      // PyTorch places the peak at pct_start · steps − 1.
      let top = Double(warmUp) - 1
      if Double(step) <= top {
        return cosine(from: low, to: peak, top > 0 ? Double(step) / top : 1)
      }
      return cosine(from: peak, to: low, (Double(step) - top) / max(1, Double(steps - 1) - top))
    }
  }
}
