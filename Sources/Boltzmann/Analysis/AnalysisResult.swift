import Evaluation

/// What an analysis found, for people and as JSON.
package struct AnalysisResult: Codable, Equatable, Sendable {
  /// What conformations were averaged over.
  package struct Set: Codable, Equatable, Sendable {
    package var paths: [String]
    package var kind: AveragedSample.Kind
    /// Proposals or frames, and of how many runs or chains.
    package var rows, groups: Int
    /// Whether the groups are the descendants of single proposals; nil where they are not.
    package var areFamilies: Bool?
    /// `1/Σ w²`, of annealed proposals that of their ancestors; nil for chains.
    package var effectiveSamples: Double?
    /// The shape of the tail of all weights; nil for chains, or without a tail.
    package var paretoShape: Double?
    /// `log Z` of the target, nats; nil for chains.
    package var logNormalization: Estimate?

    private enum CodingKeys: String, CodingKey {
      case paths, kind, rows, groups
      case areFamilies = "annealed"
      case effectiveSamples = "effective_samples"
      case paretoShape = "pareto_k"
      case logNormalization = "log_z"
    }
  }

  /// A number beside the reference's.
  package struct Compared: Codable, Equatable, Sendable {
    package var value, error: Double
    package var effectiveSamples, paretoShape: Double?
    package var reference, referenceError: Double?
    /// The difference in standard errors of both together; nil where one has none.
    package var difference: Double?

    /// - Parameter period: As that of ``Estimate/deviation(from:period:)``.
    init(_ found: Average, _ expected: Average?, period: Double? = nil) {
      self.init(found.estimate, expected?.estimate, period: period)
      (effectiveSamples, paretoShape) = (found.effectiveSamples, found.paretoShape)
    }

    init(_ found: Estimate, _ expected: Estimate?, period: Double? = nil) {
      (value, error) = (found.value, found.error)
      (reference, referenceError) = (expected?.value, expected?.error)
      difference = expected.flatMap { found.deviation(from: $0, period: period) }
    }

    private enum CodingKeys: String, CodingKey {
      case value, error, reference
      case effectiveSamples = "effective_samples"
      case paretoShape = "pareto_k"
      case referenceError = "reference_error"
      case difference = "difference_in_errors"
    }
  }

  package struct State: Codable, Equatable, Sendable {
    package var name, definition: String
    package var population: Compared
    /// Where nothing is in the state: what its population is below, with 95 % probability; the same
    /// of the reference.
    package var upperBound, referenceUpperBound: Double?
    /// `−ln(p/(1 − p))`, kT; nil where all or nothing is in the state.
    package var freeEnergy: Compared?

    private enum CodingKeys: String, CodingKey {
      case name, definition, population
      case upperBound = "population_below"
      case referenceUpperBound = "reference_population_below"
      case freeEnergy = "free_energy_kT"
    }
  }

  /// The free energy of one state above another, `−ln(p_to/p_from)`, kT.
  package struct Pair: Codable, Equatable, Sendable {
    package var from, to: String
    /// nil where one has no population.
    package var freeEnergy: Compared?

    private enum CodingKeys: String, CodingKey {
      case from, to
      case freeEnergy = "free_energy_kT"
    }
  }

  package struct Observable: Codable, Equatable, Sendable {
    package var name, definition, unit: String
    package var mean: Compared
  }

  package var program, system: String
  /// K.
  package var temperature: Double
  package var sample: Set
  package var reference: Set?
  package var states: [State]
  package var pairs: [Pair]
  package var observables: [Observable]
  /// What is doubtful, a sentence each.
  package var remarks: [String]

  private enum CodingKeys: String, CodingKey {
    case program, system, sample, reference, states, observables, remarks
    case temperature = "temperature_K"
    case pairs = "between"
  }
}
