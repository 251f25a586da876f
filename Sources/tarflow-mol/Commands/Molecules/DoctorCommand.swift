import ArgumentParser
import Boltzmann
import Foundation
import Kernels
import Molecules
import Reporting
import Runs

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what this machine offers and what the program uses of it.")

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var systems: SystemsOption
  @OptionGroup var shared: SharedOptions

  func run() throws {
    let kernel = try loadBLAS()
    let (workers, bf16) = (shared.execution.workers, MatrixUnit.best(for: .bf16))
    let cpu = processor()
    let memory = memoryLimit.bytes / 1e9
    try printFacts(
      [
        ("program", .text("tarflow-mol \(programVersion)")), ("processor", .text(cpu.name)),
        ("vector units", .text(cpu.units.joined(separator: " "))),
        ("processors", .count(availableProcessors)),
        ("limited by", .text(processorLimit.limit.rawValue)),
        ("threads used", .count(workers)),
        ("memory GB", .number(memory)),
        ("memory limited by", .text(memoryLimit.limit.rawValue)), ("BLAS kernel", .text(kernel)),
        ("fp32 products by", .text(MatrixUnit.best(for: .fp32)?.rawValue ?? "BLAS")),
        ("bf16 products by", .text(bf16?.rawValue ?? "nothing here")),
        ("energy lanes", .text(VectorInstructions.best.rawValue)),
        ("sgemm peak GFLOP/s", .number(matrixProductPeak(threads: workers))),
        (
          "bf16 peak GFLOP/s",
          bf16.map { .number(matrixProductPeak(of: $0, threads: workers)) } ?? .text("none")
        ),
        ("MPI", .text(mpiLibrary)),
        ("systems", .text(knownSystems(.molecule, in: systems.systems).joined(separator: " "))),
        ("to check it", .text("tarflow-mol selftest")),
      ], json: json)
  }
}

/// The processor's name and those of its vector and matrix units that matter here, as Linux calls
/// them.
private func processor() -> (name: String, units: [String]) {
  let lines = ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "").split(
    separator: "\n")
  func value(_ key: String) -> String? {
    lines.first { $0.hasPrefix(key) }?.split(separator: ":").last?.trimmingCharacters(
      in: .whitespaces)
  }
  let flags = Set(value("flags")?.split(separator: " ") ?? [])
  let wanted: [Substring] = ["avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16"]
  return (value("model name") ?? "unknown", wanted.filter(flags.contains).map(String.init))
}
