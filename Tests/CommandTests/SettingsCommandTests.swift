import Foundation
import TestSupport
import Testing

@Suite struct SettingsCommandTests {
  @Test func `one setting, a group, and all of them`() throws {
    let one = try tarflowMol("settings", "training.warm_up").output.split(separator: "\n")
    #expect(one.count == 2)
    #expect(one[1].hasPrefix("training.warm_up  200      0 to 1000000000  steps until the peak"))
    let group = try tarflowMol("settings", "energies").output
    #expect(group.contains("energies.frames "))
    #expect(!group.contains("training."))
    // Those in internal coordinates.
    #expect(group.contains(#/energies\.frames +0\.5 /#))
    #expect(try tarflowMol("settings", "--of", "image").output.contains("training.label_drop"))
    #expect(try tarflowMol("settings", "--of", "simulation").output.contains("time_step_ps"))
  }

  @Test func `a setting that is not there is told the nearest, or the groups`() throws {
    for (key, advice) in [
      ("trainign", "; did you mean 'training'?"), ("batch", "; did you mean 'training.batch'?"),
      ("zzzzzz", "; groups: energies, evaluation, flow, sampling, training; without a key all are"),
    ] {
      let outcome = try Child(["settings", key]).outcome()
      #expect(outcome.status == 78)
      #expect(outcome.errors.hasPrefix("Error: settings: unknown key '\(key)'\(advice)"))
    }
    let flat = try tarflowMol("settings", "zzzzzz", "--of", "simulation")
    #expect(
      flat.errors == "Error: settings: unknown key 'zzzzzz'; without a key all are listed\n")
  }
}
