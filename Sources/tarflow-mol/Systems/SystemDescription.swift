import Foundation
import Molecules
import Yams

/// What `system.yaml` says of a molecule; paths are relative to its folder.
struct SystemDescription: Decodable, Equatable {
  struct Solvent: Decodable, Equatable {
    let model: String
    let solvent_dielectric: Double?
    let solute_dielectric: Double?
    let surface_area: Bool?
  }

  /// A published result on this system, to be shown beside ours.
  struct Published: Decodable, Equatable {
    let method: String
    let energy_w2: Double?
    let ess: Double?
    let torus_w2: Double?
    let source: String?
  }

  let name: String
  let sequence: String?
  let force_field: String?
  let topology: String
  let start: String?
  /// K.
  let temperature: Double
  let implicit_solvent: Solvent
  /// The trajectory to train on, and the one to validate and evaluate against.
  let training: String?
  let reference: String?
  let published: [Published]?

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case name, sequence, force_field, topology, start, temperature, implicit_solvent, training,
      reference
    case published
  }

  /// Reads `system.yaml`. `defaults` in it is for the run's configuration (`RunConfiguration`).
  /// - Throws: `CommandError`.
  static func read(path: String) throws -> SystemDescription {
    let text = try readText(
      path: path, what: "system description", advice: "a system folder holds system.yaml")
    do {
      if let node = try Yams.compose(yaml: text), let mapping = node.mapping {
        let known = CodingKeys.allCases.map(\.rawValue) + ["defaults"]
        for key in mapping.keys {
          let name = key.string ?? ""
          if !known.contains(name) {
            throw CommandError.configuration(
              source: path,
              problem: "unknown key '\(name)'\(suggestion(for: name, among: known, listing: true))")
          }
        }
      }
      let description = try YAMLDecoder().decode(SystemDescription.self, from: text)
      try description.check(path: path)
      return description
    } catch let error as CommandError {
      throw error
    } catch {
      throw CommandError.configuration(source: path, problem: yamlProblem(error))
    }
  }

  private func check(path: String) throws {
    guard temperature > 0, temperature.isFinite else {
      throw CommandError.configuration(
        source: path, problem: "temperature is \(temperature) K, expected above 0")
    }
    for (name, value) in [
      ("solvent_dielectric", implicit_solvent.solvent_dielectric),
      ("solute_dielectric", implicit_solvent.solute_dielectric),
    ] {
      if let value, !(value >= 1) {
        throw CommandError.configuration(
          source: path, problem: "implicit_solvent.\(name) is \(value), expected at least 1")
      }
    }
  }

  /// The implicit solvent of the energy.
  func solvent(path: String) throws -> ImplicitSolvent {
    let models = ImplicitSolvent.Model.allCases.map(\.rawValue)
    guard let model = ImplicitSolvent.Model(rawValue: implicit_solvent.model) else {
      throw CommandError.configuration(
        source: path,
        problem:
          "implicit_solvent.model is '\(implicit_solvent.model)', expected \(models.joined(separator: ", "))"
      )
    }
    return ImplicitSolvent(
      model: model, solventDielectric: implicit_solvent.solvent_dielectric ?? 78.5,
      soluteDielectric: implicit_solvent.solute_dielectric ?? 1,
      surfaceArea: implicit_solvent.surface_area ?? (model != .none))
  }
}
