import Boltzmann
import Evaluation
import Flow
import Foundation
import Kernels
import Molecules
import Runs
import TestSupport
import Testing

@Suite struct RunConfigurationTests {
  private func resolve(_ settings: String...) throws -> RunConfiguration {
    try resolveConfiguration(
      RunConfiguration(), layers: try settings.map { try ConfigurationLayer(setting: $0) })
  }

  @Test func `every group can be set`() throws {
    var expected = RunConfiguration()
    #expect(try resolve() == expected)
    (expected.seed, expected.representation, expected.atomOrder) = (7, .cartesian, .topology)
    expected.atomsPerToken = 3
    expected.relabelEquivalentAtoms = false
    expected.relabelFlips = true
    expected.flow.width = 64
    expected.flow.orders = [[1, 0]]
    expected.training.steps = 5
    expected.training.schedule = .constant
    expected.sampling.count = 3
    expected.evaluation.resampling = .systematic
    #expect(
      try resolve(
        "seed=7", "representation=cartesian", "atoms_per_token=3", "relabel_equivalent_atoms=false",
        "relabel_flips=true", "flow.width=64", "flow.orders=[[1, 0]]", "training.steps=5",
        "training.schedule=constant",
        "sampling.count=3", "evaluation.resample=systematic") == expected)
  }

  @Test(arguments: [
    ("flwo.width=32", "unknown key 'flwo'; did you mean 'flow'?"),
    ("training.batchs=3", "unknown key 'training.batchs'; did you mean 'batch'?"),
    ("evaluation.clips=3", "unknown key 'evaluation.clips'; did you mean 'clip'?"),
    ("seed=-1", "'seed' is no whole number from 0"),
    ("training.learning_rate=fast", "'training.learning_rate' is no number"),
    ("flow.within_token=maybe", "'flow.within_token' is no true or false"),
    (
      "representation=carthesian",
      "'representation' has an unknown value, expected internal, cartesian"
    ),
    ("flow.transform=rqs", "'flow.transform' has an unknown value, expected "),
    ("atom_order=any", "'atom_order' has an unknown value, expected "),
    ("training.schedule=step", "'training.schedule' has an unknown value, expected cosine"),
    ("training.precision=fp16", "'training.precision' has an unknown value, expected auto"),
    ("sampling.precision=fp16", "'sampling.precision' has an unknown value, expected auto"),
    ("evaluation.resample=none", "'evaluation.resample' has an unknown value, expected "),
  ])
  func `a key or word that there is not is answered with those that there are`(
    setting: String, problem: String
  ) throws {
    let error = #expect(throws: RunError.self) { try resolve(setting) }
    #expect(
      error?.description.hasPrefix("\(setting): \(problem)") == true, "\(error as Any)")
  }

  @Test(arguments: [
    ("atoms_per_token=0", "atoms_per_token is 0, expected 1 to 64"),
    ("atoms_per_token=65", "atoms_per_token is 65, expected 1 to 64"),
    ("flow.width=-32", "flow.width is -32, expected 1 to 16384"),
    ("flow.width=1000000000", "flow.width is 1000000000, expected 1 to 16384"),
    ("flow.layers=0", "flow.layers is 0, expected 1 to 256"),
    ("flow.width=100", "flow.width is 100, expected a multiple of head_width, 32"),
    (
      "flow.start_token=false",
      "flow.start_token is false, but the mixture and the within-token "
        + "head need it"
    ),
    (
      "flow.orders=[[0], [0]]",
      "flow.orders has 2 entries, expected none or one for each of 1 "
        + "blocks"
    ),
    ("training.steps=0", "training.steps is 0, expected 1 to 1000000000"),
    ("training.batch=0", "training.batch is 0, expected 1 to 1000000000"),
    ("training.learning_rate=-1", "training.learning_rate is -1.0, expected above 0"),
    ("training.learning_rate=.inf", "training.learning_rate is inf, expected above 0"),
    ("training.warm_up=-1", "training.warm_up is -1, expected 0 to 1000000000"),
    ("training.final_fraction=2", "training.final_fraction is 2.0, expected 0 to 1"),
    ("training.beta2=1", "training.beta2 is 1.0, expected 0 to below 1"),
    ("training.clip=-1", "training.clip is -1.0, expected 0 or more"),
    ("training.checkpoint_every=0", "training.checkpoint_every is 0, expected 1 to 1000000000"),
    ("sampling.count=0", "sampling.count is 0, expected 1 to 1000000000000"),
    ("sampling.prior_scale=3", "sampling.prior_scale is 3.0, expected 0.5 to 2"),
    ("evaluation.clip=1", "evaluation.clip is 1.0, expected 0 to below 1"),
    ("evaluation.count=0", "evaluation.count is 0, expected 1 to 1000000000"),
    ("evaluation.seeds=0", "evaluation.seeds is 0, expected 1 to 10000"),
    (
      "evaluation.seeds=9223372036854775807",
      "evaluation.seeds is 9223372036854775807, expected 1 to 10000"
    ),
    ("evaluation.torus_points=100000", "evaluation.torus_points is 100000, expected 0 to 20000"),
    ("training.clip=.inf", "training.clip is inf, expected 0 or more"),
    (
      "energies.draw_every=9223372036854775807",
      "energies.draw_every is 9223372036854775807, expected 1 to 1000000000"
    ),
  ])
  func `a number outside its limits is named with its group`(setting: String, problem: String)
    throws
  {
    #expect(throws: RunError.configuration(source: "configuration", problem: problem)) {
      try resolve(setting)
    }
  }

  @Test func `the cartesian representation has no periodic feature`() throws {
    #expect(try resolve("flow.periodic=true").flow.periodic)
    let problem =
      "flow.periodic is true, but the cartesian representation has no periodic feature; use the "
      + "internal one"
    #expect(throws: RunError.configuration(source: "configuration", problem: problem)) {
      try resolve("flow.periodic=true", "representation=cartesian")
    }
  }

  @Test func `a configuration without context_units is read`() throws {
    let configuration = try resolve("flow.width=64")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(configuration), as: UTF8.self)
    let old = text.replacing("\"context_units\":0,", with: "")
    #expect(old != text)
    #expect(try JSONDecoder().decode(RunConfiguration.self, from: Data(old.utf8)) == configuration)
  }

  @Test func `a record without atoms_per_token is of tokens of one atom`() throws {
    let configuration = try resolve("atoms_per_token=1")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(configuration), as: UTF8.self)
    let old = text.replacing("\"atoms_per_token\":1,", with: "")
    #expect(old != text)
    #expect(try JSONDecoder().decode(RunConfiguration.self, from: Data(old.utf8)) == configuration)
    #expect(try resolve("atoms_per_token=2") != configuration)
  }

  @Test func `a record's configuration comes back from YAML`() throws {
    let configuration = try resolve("flow.blocks=2", "training.clip=0", "evaluation.seeds=1")
    try withTemporaryFolder { folder in
      let path = "\(folder)/settings.yaml"
      try Data(try yamlText(configuration).utf8).write(to: URL(fileURLWithPath: path))
      let layer = try #require(try ConfigurationLayer(file: path))
      #expect(try resolveConfiguration(RunConfiguration(), layers: [layer]) == configuration)
    }
  }
}
