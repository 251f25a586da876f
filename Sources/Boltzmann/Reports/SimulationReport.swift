import Evaluation
import Foundation
import Kernels
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// The page of a simulation, made from the files of its folder alone; one that still runs is shown
/// as far as its files go.
///
/// - Throws: What reading the files throws, `RunError.badData` where not every chain has a frame.
package func simulationReport(of folder: SimulationFolder, context: RunContext) throws -> Page {
  let source = try AnalysisSource(path: folder.path)
  let record = try SimulationRecord.read(in: folder)
  for path in [folder.summary, folder.energies] { try ChecksumList.check(path) }
  // The frames are of the first temperature, whatever the system's is.
  let system = try record.readSystem().at(
    temperature: record.settings.temperatures[0])
  let (trajectory, chains) = try source.frames(of: system, areChecked: false, context: context)
  let set = AnalysisSet(
    paths: [folder.path], AveragedSample(chains: chains), trajectory,
    energies: system.reducedEnergies(trajectory.coordinates, execution: context.execution))
  let doubts = simulationDoubts(
    trajectory, of: system, record.settings, execution: context.execution)
  let place = try folder.framesSoFar()
  for doubt in doubts { context.log.warning("\(place): \(doubt)") }
  let torsions = NamedTorsion.all(of: system.topology)
  let angles = measured(torsions, in: set, execution: context.execution)
  let definitions = try StateDefinitions(of: system, file: nil)
  let averages = SetAverages(set, definitions, execution: context.execution)
  let analysis = try Boltzmann.analysis(
    of: averages, beside: nil, of: system, definitions, context: context)
  let simulation = ReportedSimulation(
    folder: folder, record: record, system: system, set: set, torsions: torsions, angles: angles,
    states: definitions.states.map(\.name), memberships: averages.memberships, doubts: doubts,
    summary: try? SimulationSummary.read(path: folder.summary),
    energies: NumberTable(path: folder.energies))
  let halves = simulation.halves
  let sections: [Page.Section?] = [
    simulation.summarySection(), simulation.energySection(), simulation.exchangeSection(),
    ramachandranSection(
      torsions, samples: set.sample, angles, reference: nil, topology: system.topology),
    simulation.timeSection(), torsionSection(torsions, halves), stateSection(of: analysis),
    simulation.chainSection(), simulation.memorySection(), simulation.slowSection(),
    Page.Section(
      "Frames",
      [
        .scene(
          sampleScene(
            of: set.sample, topology: system.topology,
            // Rows are chain by chain, the file has one frame of every chain after the other.
            number: { row in row % chains[0] * chains.count + row / chains[0] }
          ) { set.trajectory[$0] })
      ]),
    geometrySection([
      (
        "simulation", .filledSteps, Tint.reference,
        Geometry(trajectory, of: system, execution: context.execution), set.sample.weights
      )
    ]),
    simulation.provenanceSection(),
  ]
  return Page(
    title: "\(system.description.name) at \(record.settings.temperatures[0].fixed(1)) K",
    subtitle: "Molecular dynamics: \(chains.count.counted("chain")) of "
      + "\(PhysicalTime(picoseconds: record.settings.time).spelled)"
      + (record.settings.temperatures.count > 1
        ? " with \(record.settings.temperatures.count) temperatures" : ""),
    sections: sections.compactMap { $0 },
    footer: "Made by \(context.program) from the files of the simulation's folder.")
}

/// What a report says of a simulation.
struct ReportedSimulation {
  let folder: SimulationFolder
  let record: SimulationRecord
  let system: MolecularSystem
  /// Chain after chain.
  let set: AnalysisSet
  let torsions: [NamedTorsion]
  /// [torsions][frames], rad.
  let angles: [[Double]]
  let states: [String]
  /// 1 in a state and 0 elsewhere, [states][frames].
  let memberships: [[Double]]
  /// What speaks against its frames, a clause each.
  let doubts: [String]
  let summary: SimulationSummary?
  let energies: NumberTable?

  var groups: [Range<Int>] { self.set.sample.groups }

  /// The states that have been left and entered, with how many frames are worth one, and how many
  /// independent frames there are inside or outside of it, whichever are fewer.
  var inefficiencies: [StateMemory] {
    zip(states, memberships).compactMap { state, column in
      let sum = column.reduce(0, +)
      guard sum > 0, sum < Double(column.count) else { return nil }
      let inside = sum <= Double(column.count) - sum
      let frames = statisticalInefficiency(groups.map { Array(column[$0]) })
      let rarer = inside ? sum : Double(column.count) - sum
      return StateMemory(
        state: state, frames: frames, isRare: inside, share: rarer / Double(column.count),
        visits: rarer / frames)
    }
  }

  struct StateMemory {
    let state: String
    /// How many successive frames are worth one.
    let frames: Double
    /// Whether fewer frames are in the state than out of it.
    let isRare: Bool
    /// The share of the frames on the rarer side.
    let share: Double
    /// Independent frames of the rarer side: k successive ones alone are worth one.
    let visits: Double
  }

  /// Everything, the first and the second half of every chain's time, for comparison.
  var halves: [(name: String, tint: Int, sample: AveragedSample, angles: [[Double]])] {
    let all = [("whole time", Tint.reference, set.sample, angles)]
    guard groups.allSatisfy({ $0.count > 1 }) else { return all }
    func half(_ name: String, _ tint: Int, _ part: (Range<Int>) -> Range<Int>) -> (
      String, Int, AveragedSample, [[Double]]
    ) {
      let parts = groups.map(part)
      let rows = parts.flatMap { Array($0) }
      return (
        name, tint, AveragedSample(chains: parts.map(\.count)),
        angles.map { column in rows.map { column[$0] } }
      )
    }
    return all + [
      half("first half", Tint.proposal) { $0.lowerBound..<$0.lowerBound + $0.count / 2 },
      half("second half", Tint.reweighted) { $0.lowerBound + $0.count / 2..<$0.upperBound },
    ]
  }
}
