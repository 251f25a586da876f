import Evaluation
import Foundation
import Molecules
import Reporting

/// A few samples as balls and sticks, drawn with their weights as probabilities, evenly spaced
/// among all.
///
/// - Parameters:
///   - number: What the file numbers a row.
///   - positions: Of the atoms of a row, nm.
func sampleScene(
  of sample: AveragedSample, topology: Topology, count: Int = 6,
  number: (_ row: Int) -> Int = { $0 },
  positions: (_ row: Int) throws -> [SIMD3<Double>]
) rethrows -> Scene {
  let isWeighted = sample.kind == .proposals
  let picks = Set(systematicPicks(sample.weights, count: count)).sorted()
  let balls = (0..<topology.atoms).map { atom in
    let (radius, colour) = look(topology.atomicNumbers[atom])
    return Scene.Ball(topology.atomNames[atom], radius: radius, colour: colour)
  }
  return try Scene(
    "samples", title: isWeighted ? "Samples with their weights" : "Frames of the simulation",
    caption: "Drag, or use the arrow keys, to turn; + and − change the size. Hydrogens are white, "
      + "carbons dark grey, nitrogens blue, oxygens red, sulphurs yellow."
      + (isWeighted
        ? " Weights are relative to the mean: a sample of weight 2 stands for twice as many "
          + "conformations as an average one." : ""),
    balls: balls, sticks: topology.bonds.map { (Int($0.x), Int($0.y)) },
    arrangements: picks.map { row in
      let weight = sample.weights[row] * Double(sample.rows)
      return try Scene.Arrangement(
        isWeighted
          ? "sample \(number(row)), weight \(weight.fixed(2))" : "frame \(number(row))",
        positions(row))
    })
}

/// The radius in nm and the colour of an element's ball.
private func look(_ atomicNumber: Int) -> (radius: Double, colour: String) {
  switch atomicNumber {
  case 1: (0.022, "#e8e8e8")
  case 6: (0.034, "#5f6368")
  case 7: (0.034, "#3f6fe0")
  case 8: (0.034, "#e0402f")
  case 16: (0.042, "#e3c322")
  default: (0.036, "#b07cc6")
  }
}
