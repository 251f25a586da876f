import Foundation
import Kernels
import Testing

/// The CPU's features, as Linux names them.
private let features = Set(fields("flags"))

/// Zen 4, by AMD's numbers: family 25, models 16–31, 96–127 and 160–175.
private let isZen4: Bool = {
  guard fields("vendor_id") == ["AuthenticAMD"], fields("cpu family") == ["25"] else {
    return false
  }
  return fields("model").first.flatMap { Int($0) }.map {
    (16...31).contains($0) || (96...127).contains($0) || (160...175).contains($0)
  } ?? false
}()

/// The words of the first line of /proc/cpuinfo with this name.
private func fields(_ name: String) -> [String] {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first {
    $0.split(separator: ":").first?.trimmingCharacters(in: .whitespaces) == name
  }
  return line?.split(separator: ":").last?.split(separator: " ").map(String.init) ?? []
}

/// Each case runs in a process of its own, since a library is loaded once.
@Suite struct BLASTests {
  // Skipped where no vector kernel is to be chosen.
  @Test(.enabled(if: features.isSuperset(of: ["avx2", "fma"])))
  func `the kernel fits the CPU`() async {
    await #expect(processExitsWith: .success) {
      unsetenv("OPENBLAS_CORETYPE")
      let kernel = try? loadBLAS()
      let wide = features.isSuperset(of: ["avx512f", "avx512dq", "avx512bw", "avx512vl"])
      #expect(kernel?.lowercased() == (wide && !isZen4 ? "skylakex" : "haswell"))
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
