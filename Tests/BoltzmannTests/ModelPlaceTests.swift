import Boltzmann
import Foundation
import Runs
import TestSupport
import Testing

@Suite struct ModelPlaceTests {
  private let systems = systemsFolder.path

  @Test func `a system is known by its name and by its folder`() throws {
    let folder = systemsFolder.appending(path: "AL3").path
    for place in ["AL3", folder] {
      let found = try ModelPlace(place, systems: systems)
      #expect(found == .system(folder))
      #expect(try found.modelPath() == "\(folder)/model.safetensors")
    }
  }

  @Test func `a run is one, and a file is a model, whatever their names`() throws {
    try withTemporaryFolder { folder in
      let (run, file) = ("\(folder)/AL3", "\(folder)/model")
      try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: RunFolder(path: run).record))
      try Data().write(to: URL(fileURLWithPath: file))
      #expect(try ModelPlace(run, systems: systems) == .run(RunFolder(path: run)))
      #expect(try ModelPlace(file, systems: systems) == .file(file))
      #expect(try ModelPlace(file).modelPath() == file)
      // The run has no checkpoint yet.
      let error = #expect(throws: RunError.self) {
        try ModelPlace(run, systems: systems).modelPath()
      }
      #expect(error?.description.contains("best.safetensors: no such trained model") == true)
    }
  }

  @Test func `what is none of them is missing, and a name near it is suggested`() {
    let error = #expect(throws: RunError.self) { try ModelPlace("AL33", systems: systems) }
    #expect(
      error?.description.hasPrefix("AL33: no such run folder, system or model; name ") == true)
    #expect(error?.description.hasSuffix("did you mean 'AL3'?") == true)
  }
}
