import Foundation
import Images
import Kernels
import TensorFiles
import TestSupport
import Testing

@Suite struct FrechetTests {
  init() throws { try loadBLAS() }

  private static let folder = goldenFolder.appending(path: "images/frechet").path

  private func statistics(_ name: String) throws -> FeatureStatistics {
    let (values, features) = try readFeatures("\(Self.folder)/\(name).npy")
    return try FeatureStatistics(values, features: features)
  }

  @Test func `distances are those of SciPy's matrix square root`() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/distances.json"))
    let expected = try JSONDecoder().decode([String: Double].self, from: data)
    #expect(expected.count == 3)
    for (names, distance) in expected {
      let pair = try names.split(separator: " ").map { try statistics(String($0)) }
      expectClose(
        [try frechetDistance(pair[0], pair[1]), try frechetDistance(pair[1], pair[0])],
        [distance, distance], relative: 1e-6, names)
    }
  }

  @Test func `the distance of normals along an axis is known`() throws {
    // Mean 0 and 3, deviations 1 and 2 in the first feature; the second is the same in both.
    let first = try FeatureStatistics([-1, -1, 1, 1, -1, 1, 1, -1], features: 2)
    let second = try FeatureStatistics([1, -1, 5, 1, 1, 1, 5, -1], features: 2)
    let scale = 4.0 / 3
    expectClose(
      [try frechetDistance(first, second)], [9 + scale], absolute: 1e-12, "axis")
    expectClose([try frechetDistance(first, first)], [0], absolute: 1e-12, "same")
  }

  @Test func `features that cannot be compared are refused by name`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npy"
      try writeNPY([1, 2, .nan, 4], shape: [2, 2], path: path)
      #expect(
        throws: ImageError.content(
          path: path, problem: "row 1 holds a value that is not finite")
      ) { _ = try readFeatures(path) }
      try writeNPY([1, 2], shape: [1, 2], path: path)
      #expect(throws: ImageError.self) { _ = try readFeatures(path) }
      try writeNPY([1, 2], shape: [2], path: path)
      #expect(throws: ImageError.self) { _ = try readFeatures(path) }
    }
  }
}
