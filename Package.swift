// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let strictC: [CSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "tarflow-mol",
  products: [.executable(name: "tarflow-mol", targets: ["tarflow-mol"])],
  traits: [.trait(name: "MPI", description: "Work that the ranks of mpirun share.")],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // A target may import only targets listed above it.
    .target(name: "CKernels", cSettings: strictC),
    .target(
      name: "CMPI",
      cSettings: strictC + [.define("TARFLOW_MPI", .when(traits: ["MPI"]))],
      linkerSettings: [.linkedLibrary("mpi", .when(traits: ["MPI"]))]),
    .systemLibrary(name: "CNetCDF", pkgConfig: "netcdf", providers: [.apt(["libnetcdf-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CZLIB", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Kernels", dependencies: ["CKernels"], swiftSettings: strict),
    .target(name: "TensorFiles", dependencies: ["CZLIB"], swiftSettings: strict),
    .target(
      name: "Flow", dependencies: ["CKernels", "Kernels", "TensorFiles"], swiftSettings: strict),
    .target(
      name: "Images",
      dependencies: ["CPNG", "CKernels", "Kernels", "TensorFiles", "Flow"],
      swiftSettings: strict),
    .target(name: "Molecules", dependencies: ["CKernels", "Kernels"], swiftSettings: strict),
    .target(name: "Trajectories", dependencies: ["CNetCDF", "TensorFiles"], swiftSettings: strict),
    .target(name: "Evaluation", swiftSettings: strict),
    .target(name: "Reporting", dependencies: ["CZLIB"], swiftSettings: strict),
    .target(
      name: "Runs",
      dependencies: [
        "Kernels", "TensorFiles", "Flow", "Reporting", "Yams",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "Boltzmann",
      dependencies: [
        "Kernels", "TensorFiles", "Flow", "Molecules", "Trajectories", "Evaluation", "Reporting",
        "Runs", "Yams",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "ImageRuns",
      dependencies: ["Kernels", "TensorFiles", "Flow", "Images", "Reporting", "Runs", "Yams"],
      swiftSettings: strict),
    .executableTarget(
      name: "tarflow-mol",
      dependencies: [
        "CMPI", "Kernels", "TensorFiles", "Flow", "Images", "Molecules", "Trajectories",
        "Evaluation", "Reporting", "Runs", "Boltzmann", "ImageRuns",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "Kernels", "Flow", "Molecules", "Trajectories", "Reporting", "Boltzmann",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Kernels"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "KernelsTests", dependencies: ["CKernels", "Kernels", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TensorFilesTests", dependencies: ["CZLIB", "TensorFiles", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "FlowTests", dependencies: ["Flow", "Kernels", "TensorFiles", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ImagesTests",
      dependencies: ["Images", "Flow", "Kernels", "TensorFiles", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "MoleculesTests",
      dependencies: ["Kernels", "Molecules", "Trajectories", "Boltzmann", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TrajectoriesTests",
      dependencies: ["Trajectories", "CNetCDF", "TensorFiles", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EvaluationTests", dependencies: ["Evaluation", "TestSupport"], swiftSettings: strict),
    .target(
      name: "RunsTestSupport",
      dependencies: [
        "Kernels", "Runs", "TensorFiles", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/RunsTestSupport", swiftSettings: strict),
    .testTarget(
      name: "ReportingTests", dependencies: ["CZLIB", "Reporting"], swiftSettings: strict),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "Runs", "Reporting", "Flow", "Kernels", "TensorFiles", "Yams", "RunsTestSupport",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BoltzmannTests",
      dependencies: [
        "Boltzmann", "ImageRuns", "Runs", "Reporting", "Evaluation", "Trajectories", "Molecules",
        "Flow", "Kernels", "TensorFiles", "Yams", "RunsTestSupport", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ImageRunsTests",
      dependencies: [
        "ImageRuns", "Images", "Runs", "Reporting", "Flow", "Kernels", "RunsTestSupport",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "tarflow-mol", "Kernels", "TensorFiles", "Flow", "Images", "Trajectories", "Molecules",
        "Runs", "Boltzmann", "TestSupport",
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11)

// The fuzz program needs a sanitizer and libFuzzer, which .ci/fuzz links.
if Context.environment["TARFLOW_FUZZ"] != nil {
  package.targets += [
    .target(name: "FuzzSupport", path: "Tests/FuzzSupport", cSettings: strictC),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "FuzzSupport", "TensorFiles", "Flow", "Images", "Molecules", "Trajectories", "Runs",
        "Boltzmann", "ImageRuns",
      ],
      path: "Tests/Fuzz", exclude: ["Corpus", "Dictionaries"], swiftSettings: strict),
  ]
}
