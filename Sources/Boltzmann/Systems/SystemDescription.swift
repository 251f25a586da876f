import Foundation
import Molecules
import Runs
import Yams

/// What `system.yaml` says of a molecule; paths are absolute, or relative to its folder.
package struct SystemDescription: Decodable, Equatable, Sendable {
  package struct Solvent: Decodable, Equatable, Sendable {
    package let model: String
    package let solventDielectric: Double?
    package let soluteDielectric: Double?
    package let surfaceArea: Bool?
    /// Of monovalent ions, mol/l; or Debye and Hückel's `κ` itself, nm⁻¹.
    package fileprivate(set) var saltConcentration: Double?
    package fileprivate(set) var kappa: Double?

    fileprivate enum CodingKeys: String, CodingKey, CaseIterable {
      case model
      case solventDielectric = "solvent_dielectric"
      case soluteDielectric = "solute_dielectric"
      case surfaceArea = "surface_area"
      case saltConcentration = "salt_concentration"
      case kappa
    }
  }

  /// A published result on this system, to be shown beside ours.
  package struct Published: Decodable, Equatable, Sendable {
    package let method: String
    package let energyW2: Double?
    package let ess: Double?
    /// With the largest weights set to a threshold, not dropped.
    package let cappedESS: Double?
    package let torusW2: Double?
    package let source: String?
    /// How many proposals were weighed, by which rule they were clipped and resampled, and how many
    /// points T-W2 compares; nil where that is not known.
    package let proposals: Int?
    package let rule: String?
    package let points: Int?
    /// What else is different there, in words.
    package let differs: String?

    fileprivate enum CodingKeys: String, CodingKey, CaseIterable {
      case method, ess, source, proposals, rule, points, differs
      case energyW2 = "energy_w2"
      case torusW2 = "torus_w2"
      case cappedESS = "ess_capped"
    }
  }

  package let name: String
  package let sequence: String?
  package let forceField: String?
  package let topology: String
  package let start: String?
  /// K.
  package private(set) var temperature: Double
  package private(set) var implicitSolvent: Solvent
  /// The trajectory to train on, and the one to validate and evaluate against.
  package let training: String?
  package let reference: String?
  package let published: [Published]?
  /// Named states and quantities for `analyze`, by their definitions.
  package let states, observables: [String: String]?

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case name, sequence, topology, start, temperature, training, reference, published
    case states, observables
    case forceField = "force_field"
    case implicitSolvent = "implicit_solvent"
  }

  /// Reads a `system.yaml`.
  ///
  /// `defaults` in it belongs to the configuration of a training (`RunConfiguration`).
  /// - Throws: `RunError`.
  package static func read(path: String) throws -> SystemDescription {
    let node = try readYAML(path: path, what: "system description")
    do {
      let keys = CodingKeys.allCases.map(\.rawValue)
      try checkKeys(of: node, among: keys + ["defaults"], path: path)
      // A misspelt dielectric must not leave the default in force.
      let solvent = Solvent.CodingKeys.allCases.map(\.rawValue)
      try checkKeys(
        of: node?.mapping?["implicit_solvent"], in: "implicit_solvent.", among: solvent, path: path)
      let published = Published.CodingKeys.allCases.map(\.rawValue)
      for row in node?.mapping?["published"]?.sequence ?? [] {
        try checkKeys(of: row, in: "published.", among: published, path: path)
      }
      let description = try YAMLDecoder().decode(SystemDescription.self, from: node ?? [:])
      try description.check(path: path)
      return description
    } catch let error as RunError {
      throw error
    } catch {
      throw RunError.configuration(source: path, problem: yamlProblem(error))
    }
  }

  private static func checkKeys(
    of node: Node?, in place: String = "", among known: [String], path: String
  ) throws {
    for key in node?.mapping?.keys.map({ $0.string ?? "" }) ?? [] where !known.contains(key) {
      let hint = suggestion(for: key, among: known, listing: true)
      throw RunError.configuration(
        source: path, problem: "unknown key '\(place)\(key)'\(hint)")
    }
  }

  private func check(path: String) throws {
    try checkSystemName(name, path: path)
    let solvent = implicitSolvent
    for (name, value, limits) in [
      ("temperature", temperature, MolecularSystem.temperatures),
      ("implicit_solvent.solvent_dielectric", solvent.solventDielectric, .between(1, 1e6)),
      ("implicit_solvent.solute_dielectric", solvent.soluteDielectric, .between(1, 1e6)),
      ("implicit_solvent.salt_concentration", solvent.saltConcentration, .between(0, 100)),
      ("implicit_solvent.kappa", solvent.kappa, .between(0, 1_000)),
    ] as [(String, Double?, Setting.Limits)] {
      if let value, !limits.contains(value) {
        throw RunError.configuration(
          source: path, problem: "\(name) is \(value), expected \(limits)")
      }
    }
    if implicitSolvent.saltConcentration != nil, implicitSolvent.kappa != nil {
      throw RunError.configuration(
        source: path,
        problem: "implicit_solvent has both salt_concentration and kappa, which follows from it; "
          + "leave one out")
    }
    if solvent.model == ImplicitSolvent.Model.none.rawValue {
      for (key, value) in [
        ("salt_concentration", solvent.saltConcentration), ("kappa", solvent.kappa),
      ] {
        if let value, value > 0 {
          throw RunError.configuration(
            source: path,
            problem: "implicit_solvent.\(key) is \(value), but salt needs a solvent, and the model "
              + "is none; leave it out, or choose another model")
        }
      }
    }
  }

  /// The implicit solvent of the energy.
  package func solvent(path: String) throws -> ImplicitSolvent {
    let models = ImplicitSolvent.Model.allCases.map(\.rawValue)
    guard let model = ImplicitSolvent.Model(rawValue: implicitSolvent.model) else {
      throw RunError.configuration(
        source: path,
        problem:
          "implicit_solvent.model is '\(implicitSolvent.model)', "
          + "expected \(models.joined(separator: ", "))"
      )
    }
    let dielectric = implicitSolvent.solventDielectric ?? 78.5
    return ImplicitSolvent(
      model: model, solventDielectric: dielectric,
      soluteDielectric: implicitSolvent.soluteDielectric ?? 1,
      surfaceArea: implicitSolvent.surfaceArea ?? (model != .none),
      inverseDebyeLength: inverseDebyeLength ?? 0)
  }

  /// κ of the salt, nm⁻¹; nil without salt.
  private var inverseDebyeLength: Double? {
    implicitSolvent.saltConcentration.map {
      ImplicitSolvent.inverseDebyeLength(
        concentration: $0, dielectric: implicitSolvent.solventDielectric ?? 78.5,
        temperature: temperature)
    } ?? implicitSolvent.kappa
  }

  /// The same molecule and energy at another temperature, K: κ stays what it is at this one.
  package func at(temperature: Double) -> SystemDescription {
    var other = self
    other.implicitSolvent.kappa = inverseDebyeLength
    other.implicitSolvent.saltConcentration = nil
    other.temperature = temperature
    return other
  }
}

extension MolecularSystem {
  /// The temperatures that make sense, K.
  package static let temperatures = Setting.Limits.between(0.001, 100_000)
}
