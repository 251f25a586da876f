import Foundation

/// Metropolis' test for an independent proposal: accepted with `min(1, w(x′)/w(x))`, `w = p/q`.
///
/// It leaves p invariant within the support of q. A proposal without density under p is refused, as
/// is every one from a state that q cannot propose: there `q(x) = 0`, and so is the ratio
/// `p(x′) q(x)/(p(x) q(x′))`; such a state is left by other moves (`FlowJumpsTests`).
///
/// - Parameters:
///   - present: `log w` of the present state; ∞ where q has no density.
///   - proposed: `log w` of the proposal; −∞ where p has no density.
///   - uniform: From 0 to 1, 1 excluded.
func isIndependentProposalAccepted(present: Double, proposed: Double, uniform: Double) -> Bool {
  guard present < .infinity, proposed > -.infinity else { return false }
  // A state without density under p is left at once.
  if present == -.infinity { return true }
  return log(1 - uniform) < proposed - present
}
