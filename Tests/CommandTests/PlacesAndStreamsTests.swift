import Foundation
import TestSupport
import Testing

/// Where systems are found, and what the program does with its streams.
@Suite struct PlacesAndStreamsTests {
  private let tiny: TinyRun

  init() throws { tiny = try TinyRun.shared() }

  private func energy(_ system: String, _ more: String...) -> [String] {
    ["energy", "--system", system, "--trajectory", tiny.reference.path, "--csv"] + more
  }

  @Test func `systems are found above the folder, by option, and by path`() throws {
    #expect(try Child(energy("AL3"), folder: goldenFolder).outcome().status == 0)
    let option = energy("AL3", "--systems", systemsFolder.path)
    #expect(try Child(option, folder: URL(fileURLWithPath: "/")).outcome().status == 0)
    let own = try alanineSystem()
    #expect(try Child(energy(own.path)).outcome().status == 0)
    #expect(
      try Child(energy("./AL3"), folder: own.deletingLastPathComponent()).outcome().status == 0)
  }

  @Test func `an installed program finds the systems beside it`() throws {
    let prefix = try temporaryFolder()
    let share = prefix.appending(path: "share/tarflow-mol/systems")
    for folder in [share, prefix.appending(path: "bin")] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    let installed = prefix.appending(path: "bin/tarflow-mol")
    try FileManager.default.copyItem(at: program, to: installed)
    let root = URL(fileURLWithPath: "/")
    let without = try Child(energy("AL3"), executable: installed, folder: root).outcome()
    #expect(without.status == 66)
    #expect(without.errors.contains("no folder of systems was found; pass --systems FOLDER"))
    try FileManager.default.copyItem(
      at: try alanineSystem(), to: share.appending(path: "AL3"))
    let with = try Child(energy("AL3"), executable: installed, folder: root).outcome()
    #expect(with.status == 0, "\(with.errors)")
  }

  @Test(arguments: ["de_DE.UTF-8", "C"])
  func `every locale has decimal points, a log no control characters`(locale: String) throws {
    let run = try temporaryFolder().appending(path: "run")
    let outcome = try Child(
      tiny.arguments(output: run), environment: ["LANG": locale, "LC_ALL": locale]
    ).outcome()
    #expect(outcome.status == 0)
    #expect(try run.bytes("weights.csv") == tiny.complete.bytes("weights.csv"))
    #expect(try run.bytes("evaluation.json") == tiny.complete.bytes("evaluation.json"))
    #expect(outcome.errors.contains("training: 6 of 6 in "))
    #expect(outcome.errors.contains(/NLL \d+\.\d\d, validation \d+\.\d\d\n/))
    let control = (outcome.output + outcome.errors).unicodeScalars.filter {
      $0.properties.generalCategory == .control && $0 != "\n"
    }
    #expect(control.isEmpty)
  }

  @Test func `quiet leaves only results and errors`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let outcome = try Child(tiny.arguments(output: run, "--quiet")).outcome()
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.contains("this run"))
  }

  @Test func `readers that go away do not end a run`() throws {
    let run = try temporaryFolder().appending(path: "run")
    let (output, errors) = (Pipe(), Pipe())
    try output.fileHandleForReading.close()
    try errors.fileHandleForReading.close()
    let child = try Child(
      tiny.arguments(output: run), output: output.fileHandleForWriting,
      errors: errors.fileHandleForWriting)
    #expect(try child.outcome().status == 0)
    #expect(try run.bytes("evaluation.json") == tiny.complete.bytes("evaluation.json"))
  }

  @Test func `a non-blocking stream gets all of a result`() throws {
    let reference = systemsFolder.appending(path: "AL3/reference.nc").path
    let frames = ["energy", "--system", "AL3", "--csv", "--trajectory", reference]
    let expected = try Child(frames, folder: goldenFolder).outcome()
    let output = Pipe()
    let end = output.fileHandleForWriting
    #expect(fcntl(end.fileDescriptor, F_SETFL, O_NONBLOCK) == 0)
    let child = try Child(frames, folder: goldenFolder, output: end)
    try end.close()
    let count = expected.output.utf8.count
    let found = try output.fileHandleForReading.read(upToCount: count)
    #expect(try child.outcome().status == 0)
    #expect(count > 200_000 && found == Data(expected.output.utf8))
  }

  @Test func `results that do not fit on the disk are 74`() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let outcome = try Child(energy("AL3"), folder: goldenFolder, output: full).outcome()
    #expect(outcome.status == 74)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("standard output: cannot be written: No space left"))
  }
}
