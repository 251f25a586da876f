import CNetCDF
import Foundation
import Testing
import Trajectories

/// What happens to damaged copies of a good file, one after the other.
struct MutationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A good file of a format.
  func good(_ mode: Int32, isFrameFixed: Bool = false) throws -> [UInt8] {
    ForeignFile(mode: mode, isFrameFixed: isFrameFixed, hasBox: true).write(folder.file("good.nc"))
    return try bytes(folder.file("good.nc"))
  }

  /// Reads bytes as a trajectory; nil when they are refused.
  func read(_ bytes: some Sequence<UInt8>) throws -> (trajectory: Trajectory, notes: [String])? {
    let path = try folder.write(bytes)
    do throws(TrajectoryError) {
      return try readAmberTrajectory(path: path)
    } catch {
      return nil
    }
  }

  @Test(arguments: [NC_CLOBBER, NC_64BIT_OFFSET, NC_64BIT_DATA, NC_NETCDF4], [false, true])
  func `a file cut at any byte is refused`(mode: Int32, isFrameFixed: Bool) throws {
    let whole = try good(mode, isFrameFixed: isFrameFixed)
    #expect(try read(whole) != nil)
    // A NetCDF-4 file is longer, and refused by one number in it.
    let step = mode == NC_NETCDF4 ? 97 : 1
    for length in stride(from: 0, to: whole.count, by: step) {
      #expect(try read(whole.prefix(length)) == nil, "\(length) of \(whole.count) bytes")
    }
  }

  @Test(arguments: [NC_CLOBBER, NC_64BIT_OFFSET, NC_64BIT_DATA])
  func `a header with one wrong byte gives the right frames, a note, or an error`(
    mode: Int32
  ) throws {
    let whole = try good(mode)
    let expected = try #require(try read(whole)).trajectory
    // Three records of 4 + 24 + 24 bytes.
    let header = whole.count - 3 * 52
    var random = SplitMix(state: 2)
    var wrong: [String] = []
    var refused = 0
    for _ in 0..<1000 {
      let place = Int.random(in: 0..<header, using: &random)
      var damaged = whole
      damaged[place] ^= UInt8.random(in: 1...255, using: &random)
      guard let (found, notes) = try read(damaged) else {
        refused += 1
        continue
      }
      if found != expected, notes == ["has a periodic box, which is left out"] {
        wrong.append("byte \(place): \(whole[place]) -> \(damaged[place])")
      }
    }
    #expect(wrong == [])
    #expect(refused > 400)
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014), for a sequence that is the same everywhere.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
