import Foundation
import Molecules
import Reporting
import Runs
import TensorFiles
import Trajectories

/// The page of a trained run, made from the files of its folder alone.
///
/// The same files give the same bytes (`ReportTests`).
/// - Parameter record: A record in place of the folder's, as with another system.
/// - Throws: What reading the files throws, `EvaluationError` when no sample has a weight.
package func runReport(
  of folder: RunFolder, record: MoleculeRecord? = nil, context: RunContext
) throws -> Page {
  let run = try ReportedRun(folder, record: record, context: context)
  let (topology, torsions) = (run.system.topology, run.torsions)
  let (sample, own) = (run.samples.sample, run.samples.angles)
  let reference = run.reference.map { (sample: $0.sample, angles: $0.angles) }
  let profiles =
    (reference.map { [("reference", Tint.reference, $0.sample, $0.angles)] } ?? [])
    + [("reweighted", Tint.reweighted, sample, own)]
  var geometry = [
    ("proposal", Chart.Mark.dashedSteps, Tint.proposal, run.samples.geometry, sample.evenWeights),
    ("reweighted", .steps, Tint.reweighted, run.samples.geometry, sample.weights),
  ]
  if let reference = run.reference {
    geometry.insert(
      (
        "reference", .filledSteps, Tint.reference, reference.geometry, reference.sample.weights
      ), at: 0)
  }
  // A few conformations are read once more.
  let scene = try sampleScene(of: sample, topology: topology) { row in
    try readTrajectory(
      path: run.folder.samples, frames: row..<row + 1, keepingBroken: true
    ).trajectory[0]
  }
  let sections: [Page.Section?] = [
    summarySection(of: run),
    try energySection(of: run),
    ramachandranSection(
      torsions, samples: sample, own, reference: reference, topology: topology),
    torsionSection(torsions, profiles),
    try slowPlaneSection(of: run, context: context),
    stateSection(of: run.analysis),
    weightSection(of: run),
    Page.Section("Samples", [.scene(scene)]),
    geometrySection(geometry),
    stereochemistrySection(of: run),
    trainingSection(run.metrics, batch: run.record.configuration.training.batch),
    try blockSection(of: run, execution: context.execution),
    publishedSection(of: run),
    costSection(of: run),
    provenanceSection(of: run),
  ]
  return Page(
    title: "\(run.system.description.name) at \(run.system.description.temperature) K",
    subtitle:
      "Samples of a trained flow, reweighted to the Boltzmann distribution: run \(run.name)",
    sections: sections.compactMap { $0 },
    footer: "Made by \(context.program) from the files of the run's folder.")
}

/// Where everything came from: program, seeds, kernels, files and settings.
private func provenanceSection(of run: ReportedRun) -> Page.Section {
  let record = run.record
  var facts = [
    Fact("program of the run", .text(record.program)),
    Fact("seed", .text("\(record.seed)")),
    Fact("BLAS kernel", .text(record.arithmetic.kernel)),
    Fact("matrix unit", .text(record.arithmetic.unit ?? "none")),
    Fact("precision of training", .text(record.precision.rawValue)),
    Fact("system", .text(record.system)),
  ]
  for (name, file) in [
    ("training frames", record.training), ("topology", record.topology),
    ("description", record.description),
  ] + (record.reference.map { [("reference", $0)] } ?? []) {
    facts.append(Fact(name, .text("\(file.path), \(file.bytes) bytes, FNV-1a \(file.fnv1a)")))
  }
  if let draw = run.drawn {
    facts.append(
      Fact(
        "samples",
        .text(
          "\(draw.program), seed \(draw.seed), numbers \(draw.first) to "
            + "\(draw.first + draw.count - 1), prior scale \(draw.priorScale), "
            + "\(draw.precision.rawValue)"
        )))
  }
  let settings = (try? readText(path: run.folder.record)) ?? ""
  return Page.Section(
    "Provenance",
    [
      .facts(facts),
      .folded(title: "All settings of the run (config.resolved.yaml)", text: settings),
    ])
}
