import Evaluation
import Foundation
import Reporting
import Runs
import TensorFiles

/// Chains that a chart shows one by one.
private let mostChains = 6
/// Points of a line over time.
private let mostPoints = 400
/// Independent frames in a state, and out of it, below which its population is hardly known.
private let leastVisits = 10.0
/// The share of the frames from which a state counts in the grade: the longer a simulation is, the more
/// states it has that it saw once.
private let leastShare = 0.01

extension ReportedSimulation {
  func summarySection() -> Page.Section {
    let known = inefficiencies
    let slowest = known.max { $0.frames < $1.frames }
    let few = known.filter { $0.visits < leastVisits }.sorted { $0.visits < $1.visits }
    let rarest = few.first(where: \.isRare) ?? few.first
    let doubtful = few.filter { $0.share >= leastShare }
    let doubt = doubtful.first(where: \.isRare) ?? doubtful.first
    let frames = set.sample.rows
    let independent = slowest.map { Double(frames) / $0.frames } ?? Double(frames)
    let grade: Verdict.Grade =
      !doubts.isEmpty || independent < 20
      ? .bad
      : slowest == nil || doubt != nil || independent < 200 ? .caution : .good
    let headline =
      switch grade {
      case _ where !doubts.isEmpty: "Doubtful: these are no samples of the Boltzmann distribution."
      case _ where slowest == nil: "Unproven: no state has been left or entered."
      case .good: "Usable: the states have been visited many times."
      case .caution where independent >= 200:
        "Usable with care: \(doubt?.state ?? "a state") has been "
          + "\(doubt?.isRare == false ? "left" : "visited") only a few times."
      case .caution: "Usable with care: the slowest state has changed only a few times."
      case .bad: "Not converged: the slowest state has hardly changed."
      }
    var sentences = [
      "\(groups.count) \(groups.count == 1 ? "chain has" : "chains have") \(frames.grouped) "
        + "frames at "
        + "\(record.settings.temperatures[0].fixed(1)) K, one every "
        + "\(PhysicalTime(picoseconds: record.settings.saveEvery).spelled).",
      slowest.map {
        "The slowest state, \($0.state), is remembered for about \($0.frames.fixed(0)) frames, "
          + "so that all "
          + "frames are worth about \(Int(independent.rounded()).grouped) independent ones for it."
      } ?? "All frames are in the same states, so that nothing can be said of convergence.",
    ]
    if let rarest = doubt ?? rarest {
      let side = rarest.isRare ? "in" : "out of"
      sentences.append(
        "The frames \(side) \(rarest.state) are worth about "
          + "\(Int(max(1, rarest.visits.rounded())).counted("independent one")): its population has "
          + "no error that can be trusted.")
    }
    sentences += doubts.map { "The test of its frames says: \($0)" }
    if !doubts.isEmpty {
      sentences.append("To do better: take a shorter time step, or equilibrate for longer.")
    } else if grade != .good {
      sentences.append(
        "To do better: simulate longer, run more chains, or exchange temperatures.")
    }
    var tiles = [Tile("frames", "\(frames.grouped)", note: "of \(groups.count) chains")]
    if slowest != nil {
      tiles.append(
        Tile(
          "independent frames", "\(Int(independent.rounded()).grouped)",
          note: "for the slowest state"))
    }
    if let rung = summary?.rungs.first {
      tiles.append(
        Tile(
          "kinetic temperature", "\(rung.kineticTemperature.fixed(1)) K",
          note: "wanted: \(rung.temperature.fixed(1)) K"))
    }
    if let summary, summary.rungs.count > 1 {
      tiles.append(Tile("round trips", "\(summary.roundTrips)", note: "of all walkers"))
    }
    let facts = [
      Fact("molecule", .text(system.description.name)),
      Fact("sequence", .text(system.topology.residueNames.joined(separator: "-"))),
      Fact("atoms", .count(system.topology.atoms)),
      Fact("implicit solvent", .text(system.description.implicitSolvent.model)),
    ]
    return Page.Section(
      "Summary",
      [.verdict(Verdict(grade, headline, sentences)), .tiles(tiles), .facts(facts)])
  }

  /// Potential energy and kinetic temperature over time, some chains.
  func energySection() -> Page.Section? {
    guard let energies, let chains = energies["chain"], let times = energies["time_ps"] else {
      return nil
    }
    func figure(_ name: String, _ title: String, _ column: String, _ axis: Axis) -> Figure? {
      guard let values = energies[column] else { return nil }
      var lines: [Int: [(Double, Double)]] = [:]
      for row in values.indices {
        guard let chain = chains[row].map({ Int($0) }), let time = times[row],
          let value = values[row]
        else { continue }
        lines[chain, default: []].append((time / 1_000, value))
      }
      let shown = lines.keys.sorted().prefix(mostChains)
      guard let first = shown.first.flatMap({ lines[$0] }) else { return nil }
      let blocks = averagedBlocks(first.map(\.0), count: mostPoints)
      return Figure(
        name, title: title,
        caption: "Means over successive stretches of time"
          + (lines.count > shown.count ? ", \(shown.count) of \(lines.count) chains." : "."),
        .chart(
          Chart(
            x: Axis("time", unit: "ns"), y: axis, .points(blocks.compactMap { $0 }),
            shown.enumerated().map { number, chain in
              let line = Array((lines[chain] ?? []).map(\.1).prefix(first.count))
              var values = averagedBlocks(line, count: mostPoints)
              while values.count < blocks.count { values.append(nil) }
              return .init(
                shown.count > 1 ? "chain \(chain + 1)" : "", .line, colour: Tint.run(number),
                Array(values.prefix(blocks.count)))
            })))
    }
    return Page.Section(
      "Energy and temperature",
      [
        .figures(
          [
            figure(
              "potential-energy", "Potential energy over time", "potential_kJ_mol",
              Axis("potential energy", unit: "kJ/mol")),
            figure(
              "temperature", "Kinetic temperature over time", "temperature_K",
              Axis("kinetic temperature", unit: "K")),
          ].compactMap { $0 })
      ])
  }

  /// How often neighbouring temperatures exchange.
  func exchangeSection() -> Page.Section? {
    guard let summary, summary.rungs.count > 1 else { return nil }
    let rungs = summary.rungs.dropLast()
    return Page.Section(
      "Replica exchange",
      [
        .paragraph(
          "The walkers made \(summary.roundTrips.counted("round trip")) from the lowest to the highest "
            + "temperature and back. An acceptance between 20 and 60 % is usual; below, the "
            + "ladder has "
            + "too few rungs."),
        .figures([
          Figure(
            "exchange", title: "Accepted exchanges with the next temperature",
            caption: "The share of attempts that were accepted.",
            .chart(
              Chart(
                x: Axis("temperature", unit: "K"), y: Axis("acceptance", range: 0...1),
                .points(rungs.map(\.temperature)),
                [.init("acceptance", .points, colour: Tint.reweighted, rungs.map(\.acceptance))])))
        ]),
      ])
  }

  /// φ of every residue over time, a dot a frame, one chain.
  func timeSection() -> Page.Section? {
    let phis = torsions.indices.filter { torsions[$0].kind == "phi" }
    guard !phis.isEmpty, let chain = groups.first, chain.count > 1 else { return nil }
    let stride = max(1, chain.count / 1_000)
    let rows = Swift.stride(from: chain.lowerBound, to: chain.upperBound, by: stride).map { $0 }
    let times = rows.map { Double($0 - chain.lowerBound + 1) * record.settings.saveEvery / 1_000 }
    return Page.Section(
      "Torsions over time",
      [
        .figures(
          phis.map { phi in
            Figure(
              "time-\(torsions[phi].name)", title: "\(torsions[phi].title) over time",
              caption: "The first chain, every \(stride == 1 ? "frame" : "\(stride)th frame").",
              .chart(
                Chart(
                  x: Axis("time", unit: "ns"),
                  y: Axis(torsions[phi].title, unit: "°", range: -180...180, tickStep: 60),
                  .points(times),
                  [
                    .init(
                      "φ", .points, colour: Tint.reweighted,
                      rows.map { torsions[phi].degrees(angles[phi][$0]) })
                  ])))
          })
      ])
  }

  /// The population of every state in every chain.
  func chainSection() -> Page.Section? {
    guard groups.count > 1 else { return nil }
    let shown = groups.prefix(mostChains)
    let series = shown.enumerated().map { number, group in
      let chain = AveragedSample(chains: [group.count])
      return populationSeries(
        "chain \(number + 1)", Tint.run(number),
        memberships.map { column in
          let own = Array(column[group])
          return Estimate(value: chain.mean(own), error: chain.error(ofMean: own))
        })
    }
    return Page.Section(
      "Chains",
      [
        .figures([
          Figure(
            "chain-populations", title: "Populations in each chain",
            caption: "With 95 % intervals from the order of its frames"
              + (groups.count > shown.count ? ", \(shown.count) of \(groups.count) chains" : "")
              + ". Chains that disagree beyond them have not been simulated long enough.",
            .chart(
              Chart(
                x: Axis("state"), y: Axis("population", unit: "%", scale: .logarithmic),
                .categories(states), series)))
        ])
      ])
  }

  /// How long states are remembered.
  func memorySection() -> Page.Section? {
    let known = inefficiencies
    guard !known.isEmpty else { return nil }
    let step = record.settings.saveEvery
    return Page.Section(
      "Memory",
      [
        .figures([
          Figure(
            "autocorrelation", title: "Autocorrelation times of states",
            caption:
              "The integrated autocorrelation time, half the time that one independent frame "
              + "takes; states that were never left or never entered are left out.",
            .chart(
              Chart(
                x: Axis("state"), y: Axis("time", unit: "ps", scale: .logarithmic),
                .categories(known.map(\.state)),
                [
                  .init(
                    "autocorrelation time", .points, colour: Tint.reweighted,
                    known.map { $0.frames / 2 * step })
                ])))
        ])
      ])
  }

  func provenanceSection() -> Page.Section {
    var facts = [
      Fact("program of the simulation", .text(record.program)),
      Fact("seed", .text("\(record.settings.seed)")),
      Fact("lanes", .text(record.instructions)), Fact("system", .text(record.system)),
    ]
    for (name, file) in [
      ("topology", record.topology), ("description", record.description), ("start", record.start),
    ] {
      facts.append(Fact(name, .text("\(file.path), \(file.bytes) bytes, FNV-1a \(file.fnv1a)")))
    }
    return Page.Section(
      "Provenance",
      [
        .facts(facts),
        .folded(
          title: "All settings (simulation.yaml)",
          text: (try? readText(path: folder.record)) ?? ""),
      ])
  }
}

/// Means over successive blocks, so many at most; the values themselves where there are fewer.
private func averagedBlocks(_ values: [Double], count: Int) -> [Double?] {
  guard values.count > count else { return values }
  return (0..<count).map { block in
    let range = block * values.count / count..<(block + 1) * values.count / count
    return values[range].reduce(0, +) / Double(range.count)
  }
}
