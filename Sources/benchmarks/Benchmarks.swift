import ArgumentParser
import Foundation
import Kernels

/// Times the engine on this machine, each figure beside the matrix-product peak that the same
/// threads reach.
@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract:
      "Time training, sampling, energies and dynamics; a name is area, work, shape and precision.")

  @Argument(help: "Run only the benchmarks whose name contains this text.")
  var filter = ""

  @Option(help: "Worker threads; as many as there are processors by default.")
  var threads = availableProcessors

  @Option(help: "The folder of systems that the energies are computed of.")
  var systems = "systems"

  @Option(help: "Timed repeats after one that is not counted.")
  var repeats = 5

  @Option(
    help: ArgumentHelp(
      "Also time decoding of this trained flow, token by token and by fixed-point iteration.",
      valueName: "safetensors"))
  var weights: String?

  @Option(help: "Divide every batch, and the steps of dynamics, by this; for tools that are slow.")
  var divisor = 1

  @Flag(inversion: .prefixedNo, help: "Measure the rate of plain matrix products for comparison.")
  var peak = true

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Flag(help: "Print the names alone.")
  var list = false

  func validate() throws {
    if threads < 1 || repeats < 1 || divisor < 1 {
      throw ValidationError("--threads, --repeats and --divisor are at least 1")
    }
  }

  func run() throws {
    let kernel = try loadBLAS()
    let decoding = try weights.map { try DecodingBenchmarks(path: $0) }
    let all =
      trainingBenchmarks(divisor: divisor) + samplingBenchmarks(divisor: divisor)
      + scalingBenchmarks(divisor: divisor) + (decoding?.benchmarks ?? [])
      + energyBenchmarks(systems: systems, divisor: divisor)
      + dynamicsBenchmarks(systems: systems, divisor: divisor)
    let chosen = all.filter { filter.isEmpty || $0.name.contains(filter) }
    if list { return chosen.forEach { print($0.name) } }
    if chosen.isEmpty { throw ValidationError("no benchmark has '\(filter)' in its name") }
    // Measured after the first work, so that its matrices do not count as the work's memory.
    lazy var peaks = peak ? Peaks(threads: threads) : nil
    if !json { print("BLAS kernel \(kernel), \(threads) threads\n") }
    if !json, let decoding {
      print(decoding.accuracies(threads: threads).joined(separator: "\n") + "\n")
    }
    for benchmark in chosen {
      let result = try measure(
        benchmark, threads: threads, repeats: repeats, peaks: { peaks }, kernel: kernel)
      print(json ? try result.json() : result.line)
    }
    if !json, let peaks { print("\n" + peaks.text) }
  }
}
