import Reporting

/// What is wrong with the temperatures that a file states, in words; nil if it states none, or the
/// one that is wanted.
package func temperatureProblem(stated: [Double], wanted: Double, path: String) -> String? {
  guard stated.contains(where: { abs($0 - wanted) > 0.5 }) else { return nil }
  let (target, found) = (kelvin(wanted), stated.map(kelvin))
  let first = "says that its system was at \(found.joined(separator: ", ")) K, but "
  // The file does not hold the wanted temperature at all.
  guard stated.contains(where: { abs($0 - wanted) <= 0.5 }) else {
    return first + "the system's temperature is \(target) K: is this another replica's file, or is "
      + "the system's temperature wrong?"
  }
  return first + "one temperature, \(target) K, is wanted; take its frames out of all replicas: "
    + "cpptraj -p TOPOLOGY -y \(path) -ya 'remdtraj remdtrajtemp \(target)' -x one.nc"
}

/// A temperature for people: "310", "372.2".
func kelvin(_ value: Double) -> String {
  let rounded = value.fixed(1)
  return rounded.hasSuffix(".0") ? String(rounded.dropLast(2)) : rounded
}
