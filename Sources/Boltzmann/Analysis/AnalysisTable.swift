import Evaluation
import Foundation
import Reporting

extension AnalysisResult {
  /// The figures as aligned columns, for people.
  package var table: String {
    var parts = [
      "\(system), \(temperature.fixed(1)) K: \(line(of: sample))"
        + (reference.map { "\nreference: \(line(of: $0))" } ?? "")
    ]
    parts.append(stateTable)
    if !pairs.isEmpty { parts.append(pairTable) }
    parts.append(observableTable)
    if reference != nil {
      parts.append(
        "σ is the difference, of states that of ΔF, in standard errors of both together.")
    }
    parts += remarks
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func line(of set: Set) -> String {
    let paths = set.paths.joined(separator: ", ")
    guard set.kind == .proposals else {
      return "\(set.rows.counted("frame")) of \(set.groups.counted("chain")), \(paths)"
    }
    let runs =
      set.areFamilies == true
      ? " of \(set.groups.counted("ancestor"))"
      : set.groups == 1 ? "" : " of \(set.groups.counted("run"))"
    return "\(set.rows.counted("proposal"))\(runs), worth "
      + "\((set.effectiveSamples ?? 0).fixed(0)), \(paths)"
      + (set.logNormalization.map { "; log Z \($0.value.fixed(3)) ± \($0.error.fixed(3))" } ?? "")
      + (set.paretoShape.map { "; Pareto k \($0.fixed(2))" } ?? "")
  }

  private var stateTable: String {
    table(
      ["state", "population, %", "ΔF from the rest, kT"],
      states.map { state in
        let population = state.population
        return Row(
          name: state.name,
          own: [
            state.upperBound.map(boundText) ?? percent(population.value, population.error),
            energy(state.freeEnergy),
          ],
          reference: [
            state.referenceUpperBound.map(boundText)
              ?? percent(population.reference, population.referenceError),
            referenceEnergy(state.freeEnergy),
          ],
          difference: state.freeEnergy?.difference)
      })
  }

  private var pairTable: String {
    table(
      ["free energy", "kT"],
      pairs.map { pair in
        Row(
          name: "\(pair.from) → \(pair.to)", own: [energy(pair.freeEnergy)],
          reference: [referenceEnergy(pair.freeEnergy)], difference: pair.freeEnergy?.difference)
      })
  }

  private var observableTable: String {
    table(
      ["average", "mean"],
      observables.map { observable in
        let mean = observable.mean
        let unit = observable.unit.isEmpty ? "" : ", \(observable.unit)"
        return Row(
          name: observable.name + unit, own: [text(mean.value, mean.error)],
          reference: [mean.reference.map { text($0, mean.referenceError ?? 0) } ?? "–"],
          difference: mean.difference)
      })
  }

  private struct Row {
    let name: String
    let own, reference: [String]
    let difference: Double?
  }

  private func table(_ titles: [String], _ rows: [Row]) -> String {
    let hasReference = reference != nil
    let columns = titles.dropFirst()
    var table = TextTable(
      [.init(.left)]
        + [TextTable.Column](
          repeating: .init(.right), count: columns.count * (hasReference ? 2 : 1))
        + (hasReference ? [.init(.right)] : []))
    table.rows.append(
      [titles[0]] + columns
        + (hasReference
          ? columns.map { "reference, \($0)" } + ["σ"] : []))
    for row in rows {
      table.rows.append(
        [row.name] + row.own
          + (hasReference
            ? row.reference + [row.difference.map { ($0 >= 0 ? "+" : "") + $0.fixed(1) } ?? "–"]
            : []))
    }
    return table.lines.joined(separator: "\n")
  }

  private func boundText(_ bound: Double) -> String { "< \((100 * bound).fixed(3))" }

  private func percent(_ value: Double?, _ error: Double?) -> String {
    guard let value else { return "–" }
    return "\((100 * value).fixed(2)) ± \((100 * (error ?? 0)).fixed(2))"
  }

  private func energy(_ compared: Compared?) -> String {
    compared.map { "\($0.value.fixed(3)) ± \($0.error.fixed(3))" } ?? "–"
  }

  private func referenceEnergy(_ compared: Compared?) -> String {
    guard let value = compared?.reference else { return "–" }
    return "\(value.fixed(3)) ± \((compared?.referenceError ?? 0).fixed(3))"
  }

  /// A number to two digits of its error.
  private func text(_ value: Double, _ error: Double) -> String {
    let decimals = error > 0 ? max(0, min(6, 1 - Int(log10(error).rounded(.down)))) : 4
    return "\(value.fixed(decimals)) ± \(error.fixed(decimals))"
  }
}
