import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct FileKindTests {
  private func kind(_ path: String) throws -> FileKind { try FileKind(path: path) }

  @Test func `files of other programs are recognized`() throws {
    let golden = goldenFolder.path
    #expect(try kind(golden + "/netcdf/cdf1.nc") == .classicNetCDF(version: 1))
    #expect(try kind(golden + "/netcdf/cdf5.nc") == .classicNetCDF(version: 5))
    #expect(try kind(golden + "/netcdf/netcdf4-classic.nc") == .hdf5)
    #expect(try kind(golden + "/safetensors/types.safetensors") == .safetensors)
    #expect(try kind(systemsFolder.path + "/AL2/topology.prmtop") == .prmtop)
    #expect(try kind(golden + "/arrays/u1.npy") == .other("a NumPy array"))
    #expect(try kind(golden + "/arrays/u1.npy.gz") == .other("gzip data: unpack it first"))
    #expect(try kind(golden + "/README.md") == .text)
  }

  @Test func `text with a brace is text, and an empty safetensors file is one`() throws {
    #expect(FileKind(start: Array("a letter{".utf8)) == .text)
    #expect(FileKind(start: [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)) == .safetensors)
    #expect(FileKind(start: [UInt8]()) == .other("empty"))
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      try Safetensors().write(path: path)
      #expect(try kind(path) == .safetensors)
      #expect(throws: FileError.missing(path: path + "b")) { _ = try kind(path + "b") }
    }
  }
}
