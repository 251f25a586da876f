import Foundation
import Kernels
import Testing

/// The CPU's features, as Linux names them.
private let features: Set<String> = {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
  return Set(line.split(separator: " ").map(String.init))
}()

/// Each case runs in a process of its own, since a library is loaded once.
@Suite struct BLASTests {
  // Skipped where no vector kernel is to be chosen.
  @Test(.enabled(if: features.isSuperset(of: ["avx2", "fma"])))
  func `the kernel fits the CPU`() async {
    await #expect(processExitsWith: .success) {
      unsetenv("OPENBLAS_CORETYPE")
      let kernel = try? loadBLAS()
      let wide = features.isSuperset(of: ["avx512f", "avx512dq", "avx512bw", "avx512vl"])
      #expect(kernel?.lowercased() == (wide ? "skylakex" : "haswell"))
    }
  }

  // Nehalem's kernel runs on every CPU with SSE4.2.
  @Test(.enabled(if: features.contains("sse4_2")))
  func `the kernel that the user has asked for is respected`() async {
    await #expect(processExitsWith: .success) {
      setenv("OPENBLAS_CORETYPE", "Nehalem", 1)
      let kernel = try? loadBLAS()
      #expect(kernel == "Nehalem")
    }
  }

  @Test func `loading twice is loading once`() throws {
    let kernels = try [loadBLAS(), loadBLAS()]
    #expect(kernels[0] == kernels[1])
  }
}
