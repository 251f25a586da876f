import Testing

@Suite struct HelpTests {
  @Test(arguments: [
    ("train", ["--set <key=value>", "--resume <run>", "--max-hours <hours>", "--seed <seed>"]),
    ("sample", ["-n, --number <number>", "(default: 10000)", "--overwrite"]),
    ("reweight", ["log w = −U/kT − log_q", "--clip <clip>", "--json"]),
    ("evaluate", ["--samples <file.nc>", "--weights <file.csv>", "--resample <resample>"]),
    ("export", ["reference, proposal, reweighted", "--bins <bins>"]),
    (
      "energy",
      [
        "frame,bond,angle,torsion,lennard_jones,coulomb,polarization,surface_area,total",
        "--forces",
      ]
    ),
    (
      "simulate", ["--time <time>", "--temperatures <list>", "1fs by default", "--resume <run>"]
    ),
    ("inspect", ["Say what a file is", "--json"]),
    ("doctor", ["what this machine offers", "--json"]),
    ("image", ["train, sample, evaluate", "encode", "decode", "denoise"]),
  ])
  func `help names what a command takes`(command: String, lines: [String]) throws {
    let outcome = try tarflowMol(command, "--help")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    let unwrapped = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for line in lines {
      #expect(unwrapped.contains(line), "help of '\(command)' without '\(line)'")
    }
  }

  @Test func `the root's help names every command and exit code`() throws {
    let outcome = try tarflowMol("--help")
    #expect(outcome.output.contains("Learns the Boltzmann distribution of a peptide"))
    for command in [
      "train", "sample", "reweight", "evaluate", "export", "simulate", "energy", "image", "inspect",
      "doctor",
    ] {
      #expect(outcome.output.contains("\n  \(command) "))
    }
    let words = outcome.output.split(whereSeparator: \.isWhitespace)
    for code in [0, 64, 65, 66, 69, 70, 73, 74, 75, 78] { #expect(words.contains("\(code)")) }
    #expect(try tarflowMol("--version").output == "0.1.0\n")
  }

  @Test(arguments: [
    ["train"], ["training", "AL3"], ["train", "AL3", "--resume", "x"],
    ["train", "AL3", "--max-hours", "0"], ["train", "AL3", "--threads", "0"],
    ["train", "AL3", "--seed", "-1"], ["sample", "x", "-n", "0"], ["evaluate"],
    ["evaluate", "x", "--samples", "y"], ["reweight", "x", "--clip", "1"],
    ["export", "x", "--bins", "0"], ["energy", "--csv"],
    ["energy", "--trajectory", "x", "--system", "AL3", "--csv", "--json"], ["inspect"],
    ["simulate"], ["simulate", "AL2"],
  ])
  func `wrong usage is 64 with the usage on stderr`(arguments: [String]) throws {
    let outcome = try Child(arguments).outcome()
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("--help"))
  }
}
