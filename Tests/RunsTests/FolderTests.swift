import Foundation
import Kernels
import Runs
import TensorFiles
import TestSupport
import Testing

private func write(_ text: String, _ path: String) throws {
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}

@Suite struct InputFileTests {
  /// The published values of FNV-1a with 64 bits.
  @Test(arguments: [
    ("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8"),
  ])
  func `a file is known by its size and FNV-1a`(text: String, fnv1a: String) throws {
    try withTemporaryFolder { folder in
      try write(text, "\(folder)/x")
      let file = try InputFile(
        path: "\(folder)/../\(URL(fileURLWithPath: folder).lastPathComponent)/x")
      #expect(file.path == "\(absolutePath(folder))/x")
      #expect(file.bytes == text.utf8.count && file.fnv1a == fnv1a)
      #expect(try InputFile(fileOrFolder: "\(folder)/x") == file)
      try file.checkUnchanged()
    }
  }

  @Test func `a file that changed or went is named`() throws {
    try withTemporaryFolder { folder in
      let path = "\(absolutePath(folder))/x"
      try write("a", path)
      let file = try InputFile(path: path)
      try write("b", path)
      #expect(
        throws: RunError.badData(
          path: path,
          problem: "has changed since the run began (1 bytes, fnv1a af63dc4c8601ec8c); "
            + "restore it, or start a new run")
      ) { try file.checkUnchanged() }
      try FileManager.default.removeItem(atPath: path)
      #expect(
        throws: RunError.missing(
          what: "input file", path: path,
          advice: "the run needs it; it had 1 bytes and fnv1a af63dc4c8601ec8c")
      ) { try file.checkUnchanged() }
      #expect(throws: RunError.self) { try InputFile(path: folder) }
    }
  }

  @Test func `a folder is known by the names and sizes in it`() throws {
    try withTemporaryFolder { parent in
      let folder = "\(parent)/set"
      try createFolder("\(folder)/class")
      try write("abc", "\(folder)/class/1.png")
      try write("de", "\(folder)/2.png")
      let set = try InputFile(fileOrFolder: folder)
      try write("xyz", "\(folder)/class/1.png")
      try set.checkUnchanged()
      try write("wxyz", "\(folder)/class/1.png")
      #expect(throws: RunError.self) { try set.checkUnchanged() }
      try write("xyz", "\(folder)/class/1.png")
      try set.checkUnchanged()
      try write("", "\(folder)/3.png")
      #expect(throws: RunError.self) { try set.checkUnchanged() }
    }
  }
}

@Suite struct RunFolderTests {
  @Test func `a run folder is one with a record`() throws {
    try withTemporaryFolder { folder in
      #expect(!RunFolder.isRun(folder))
      #expect(
        throws: RunError.missing(
          what: "run folder", path: folder,
          advice: "a run folder holds config.resolved.yaml; `tarflow-mol train` writes one")
      ) { try RunFolder(existing: folder) }
      try write("", "\(folder)/config.resolved.yaml")
      #expect(RunFolder.isRun(folder))
      #expect(try RunFolder(existing: folder).model == "\(folder)/checkpoints/best.safetensors")
    }
  }

  @Test func `a new run needs a folder that is absent or empty`() throws {
    try withTemporaryFolder { folder in
      for path in [folder, "\(folder)/a/b"] {
        #expect(isFreeFolder(path))
        let run = try RunFolder.create(path)
        #expect(run.path == path && run.savedSteps().isEmpty)
        #expect(FileManager.default.fileExists(atPath: run.checkpoints))
        // A run that was killed before its record was written can begin again.
        try write("1\n", "\(path)/lock")
        try write("", "\(path)/.config.resolved.yaml.1.1.tmp")
        #expect(isFreeFolder(path))
        try write("", run.record)
        #expect(!isFreeFolder(path))
        #expect(throws: RunError.exists(path: path, advice: "choose another folder")) {
          try RunFolder.create(path)
        }
      }
      try write("", "\(folder)/file")
      #expect(!isFreeFolder("\(folder)/file"))
    }
    let error = #expect(throws: RunError.self) { try RunFolder.create("/proc/run") }
    guard case .unwritable("/proc/run/checkpoints", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a folder whose set of files only wants its names is not free`() throws {
    try withTemporaryFolder { folder in
      // No process has the number 2³¹ − 1: Linux counts to 2²².
      let parts = ["topology.prmtop", "system.yaml"].map { (".\($0).2147483647.1.tmp", $0) }
      for (temporary, _) in parts { try write("new", "\(folder)/\(temporary)") }
      #expect(isFreeFolder(folder))
      try write(
        parts.map { "\($0)/\($1)\n" }.joined(), "\(folder)/.system.yaml.2147483647.3.set")
      #expect(!isFreeFolder(folder))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(names == ["system.yaml", "topology.prmtop"])
    }
  }

  @Test func `a folder with anything else is not free`() throws {
    for name in ["checkpoints/step-1.safetensors", "samples.nc", ".tmp", ".x.tmp", ".x.1.tmp"] {
      try withTemporaryFolder { folder in
        try createFolder("\(folder)/checkpoints")
        try write("", "\(folder)/\(name)")
        #expect(!isFreeFolder(folder), "\(name)")
      }
    }
  }

  @Test func `what killed processes left unfinished goes when the folder is locked`() throws {
    try withTemporaryFolder { folder in
      try createFolder("\(folder)/checkpoints")
      // No process has the number 2³¹ − 1: Linux counts to 2²².
      let abandoned = [".a.nc.2147483647.1.tmp", "checkpoints/.b.2147483647.2.tmp"]
      let others = [".a.\(getpid()).1.tmp", "a.2147483647.1.tmp", ".hidden"]
      for name in abandoned + others { try write("", "\(folder)/\(name)") }
      try withLock(on: folder) {}
      func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(name)")
      }
      #expect(!abandoned.contains { exists($0) })
      #expect(others.allSatisfy { exists($0) })
    }
  }

  @Test func `checkpoints come by their step, the newest first`() throws {
    try withTemporaryFolder { folder in
      let run = try RunFolder.create(folder)
      for step in [2, 100, 30] { try write("", run.checkpoint(step: step)) }
      for name in ["best.safetensors", "step-x.safetensors", "step-7.tmp", "step-.safetensors"] {
        try write("", "\(run.checkpoints)/\(name)")
      }
      #expect(run.savedSteps().map(\.step) == [100, 30, 2])
      #expect(run.savedSteps().map(\.path) == [100, 30, 2].map { run.checkpoint(step: $0) })
      #expect(RunFolder(path: "\(folder)/none").savedSteps().isEmpty)
    }
  }

  @Test func `a path that is taken gets the first free number`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/AL3"
      #expect(freePath(path) == path)
      for name in ["AL3", "AL3-2", "AL3-4"] { try write("", "\(folder)/\(name)") }
      #expect(freePath(path) == "\(path)-3")
    }
  }
}

@Suite struct FolderRaceTests {
  /// As the tasks of a job array and the ranks of a draw do, whose folders lie in one that is new.
  @Test func `folders are made beside processes that check theirs`() throws {
    try withTemporaryFolder { folder in
      for round in 0..<300 {
        let parent = "\(folder)/\(round)/shards"
        let reasons = parallelMap(4, workers: 4) { place, _ in
          do {
            if place == 0 { try checkFolder(parent) }
            try checkFolder("\(parent)/\(place)")
            try createFolder("\(parent)/\(place)")
            return ""
          } catch {
            return "\(error)"
          }
        }
        #expect(reasons == ["", "", "", ""])
      }
    }
  }
}

@Suite struct RunLockTests {
  private struct Stop: Error {}

  @Test
  func `a second descriptor is refused with the holder's number, until the first is released`()
    throws
  {
    try withTemporaryFolder { folder in
      let refused = RunError.unwritable(
        path: folder, reason: "process \(getpid()) works on this run; wait for it or stop it")
      let result = try withLock(on: folder) {
        #expect(throws: refused) { try withLock(on: folder) {} }
        return 7
      }
      #expect(result == 7)
      #expect(throws: Stop.self) { try withLock(on: folder) { throw Stop() } }
      try withLock(on: folder) {}
    }
  }

  @Test func `a lock that is a link is not followed`() throws {
    try withTemporaryFolder { folder in
      try createFolder("\(folder)/run")
      try write("mine", "\(folder)/victim")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/run/lock", withDestinationPath: "../victim")
      #expect(
        throws: RunError.unwritable(
          path: "\(folder)/run/lock", reason: "it is a symbolic link; remove it")
      ) { try withLock(on: "\(folder)/run") {} }
      #expect(try String(contentsOfFile: "\(folder)/victim", encoding: .utf8) == "mine")
    }
  }

  @Test func `a full disk is told apart, with the folder that can go on`() throws {
    try withTemporaryFolder { folder in
      for code in [ENOSPC, EDQUOT] {
        let full = FileError.unwritable(path: "x", reason: systemReason(code: code))
        let error = #expect(throws: RunError.self) { try withLock(on: folder) { throw full } }
        #expect(error == .fullDisk(run: folder, problem: "\(full)"))
        let found = try #require(error)
        #expect("\(found)" == "\(full); free some space, and try again")
      }
      let other = FileError.unwritable(path: "x", reason: systemReason(code: EIO))
      #expect(throws: other) { try withLock(on: folder) { throw other } }
    }
  }

  @Test func `a folder that is not there cannot be locked`() throws {
    try withTemporaryFolder { folder in
      #expect(
        throws: RunError.unwritable(
          path: "\(folder)/none/lock", reason: "No such file or directory")
      ) { try withLock(on: "\(folder)/none") {} }
    }
  }
}

@Suite struct SystemSearchTests {
  private let kind = SystemKind("system", file: "system.yaml")

  private func withSystems(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let folder = absolutePath(folder)
      for name in ["AL3", "AL2", "notes"] {
        try createFolder("\(folder)/\(name)")
        if name != "notes" { try write("", "\(folder)/\(name)/system.yaml") }
      }
      try body(folder)
    }
  }

  private func find(_ name: String, in folder: String?) throws -> String {
    try findSystem(name, kind, in: folder, advice: "say where")
  }

  @Test func `a system is found by its name in the folder of systems, and by its path`() throws {
    try withSystems { folder in
      let found = try [find("AL3", in: folder), find("\(folder)/notes/../AL2", in: nil)]
      #expect(found == ["\(folder)/AL3", "\(folder)/AL2"])
      #expect(knownSystems(kind, in: folder) == ["AL2", "AL3"])
    }
  }

  @Test(arguments: [
    "../../..", "/tmp/x", "a/b", ".", "..", ".hidden", "-rf", "", "a\u{1b}[31m", "a\nb",
    String(repeating: "x", count: 101),
  ])
  func `a system's name leads nowhere else`(name: String) {
    let error = #expect(throws: RunError.self) { try checkSystemName(name, path: "system.yaml") }
    #expect(error?.description.hasPrefix("system.yaml: name is '") == true)
    for name in ["AL3", "my peptide", "Ace-A-Nme_2.1", "α-helix"] {
      #expect(throws: Never.self) { try checkSystemName(name, path: "system.yaml") }
    }
  }

  @Test func `a name that leads nowhere is answered with those that there are`() throws {
    try withSystems { folder in
      #expect(
        throws: RunError.missing(
          what: "system", path: "AL33",
          advice: "known systems: AL2, AL3; did you mean 'AL3'?")
      ) { try find("AL33", in: folder) }
      #expect(
        throws: RunError.missing(
          what: "system", path: "notes", advice: "known systems: AL2, AL3")
      ) { try find("notes", in: folder) }
      #expect(
        throws: RunError.missing(
          what: "system", path: "\(folder)/notes", advice: "a system is a folder with system.yaml")
      ) { try find("\(folder)/notes", in: folder) }
      #expect(
        throws: RunError.missing(
          what: "system", path: "AL3", advice: "no folder of systems was found; say where")
      ) { try find("AL3", in: "\(folder)/notes") }
    }
  }
}

@Suite struct RunErrorTests {
  @Test(arguments: [
    (
      RunError.missing(what: "run folder", path: "runs/x", advice: "train one"),
      "runs/x: no such run folder; train one"
    ),
    (.badData(path: "x.nc", problem: "is empty"), "x.nc: is empty"),
    (.configuration(source: "--set a=b", problem: "unknown key 'a'"), "--set a=b: unknown key 'a'"),
    (.exists(path: "x", advice: "choose another"), "x: exists already; choose another"),
    (.unwritable(path: "x", reason: "No space left"), "x: cannot be written: No space left"),
    (
      .interrupted(run: "runs/x", step: 7, reason: "a signal"),
      "runs/x: stopped after step 7 (a signal)"
    ),
  ])
  func `an error is one line with the place first`(error: RunError, line: String) {
    #expect("\(error)" == line)
  }
}
