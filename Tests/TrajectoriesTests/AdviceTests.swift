import CNetCDF
import Foundation
import TensorFiles
import Testing
import Trajectories

/// Messages that say what a user can do.
struct AdviceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ change: (inout ForeignFile) -> Void = { _ in }) -> String {
    var foreign = ForeignFile()
    change(&foreign)
    foreign.write(folder.file("foreign.nc"))
    return folder.file("foreign.nc")
  }

  private func message(_ path: String) -> String {
    let error = #expect(throws: TrajectoryError.self) { _ = try readTrajectory(path: path) }
    return error?.description ?? ""
  }

  @Test func `frames that a header does not count can be recovered by the command`() throws {
    var changed = try bytes(write())
    changed.replaceSubrange(4..<8, with: [0, 0, 0, 0])
    let path = try folder.write(changed, "cut.nc")
    #expect(
      message(path).hasSuffix(
        #"printf '\000\000\000\003' | dd of=COPY bs=1 seek=4 conv=notrunc"#))
    changed = try bytes(file("Tests/Golden/dcd/mdtraj.dcd"))
    changed[8] = 0
    #expect(
      message(try folder.write(changed, "cut.dcd")).hasSuffix(
        #"printf '\003\000\000\000' | dd of=COPY bs=1 seek=8 conv=notrunc"#))
    changed = try bytes(file("Tests/Golden/dcd/big-endian.dcd"))
    changed[11] = 0
    #expect(
      message(try folder.write(changed, "cut.dcd")).hasSuffix(
        #"printf '\000\000\000\003' | dd of=COPY bs=1 seek=8 conv=notrunc"#))
  }

  @Test func `forms that cannot be used are named with the reason`() throws {
    #expect(message(write { $0.coordinates = "compressedpos" }).contains("icompress"))
    let hdf5 = write {
      $0.mode = NC_NETCDF4
      $0.conventions = "Pande"
    }
    #expect(message(hdf5).contains("mdtraj's HDF5 form"))
    let xtc = message(try folder.write([0, 0, 7, 0xCB, 0, 0], "a.xtc"))
    #expect(xtc.contains("rounded to 0.01 Å") && xtc.contains("mdconvert"))
    let atom = "ATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00  0.00           N\n"
    let pdb = message(try folder.write(atom.utf8, "a.pdb"))
    #expect(pdb.contains("PDB") && pdb.contains("rounded to 0.001 Å"))
  }

  @Test func `atoms count from 1 in messages`() throws {
    let path = write { $0.value = { $0 == 9 ? .nan : 0 } }
    #expect(message(path).contains("atom 2 of frame 1 has the coordinate nan"))
  }

  @Test func `single precision far from the origin is noted`() throws {
    var found = try readTrajectory(path: write { $0.value = { 10_000 + Double($0) } })
    #expect(found.notes.count { $0.contains("10017 Å from the origin") } == 1)
    found = try readTrajectory(
      path: write {
        $0.value = { 10_000 + Double($0) }
        $0.type = NC_DOUBLE
      })
    #expect(found.notes.isEmpty)
  }

  @Test func `a byte order mark does not hide a topology`() {
    #expect(FileKind(start: Array("\u{FEFF}%VERSION".utf8)) == .prmtop)
    #expect(FileKind(start: Array("HEADER AND NO MORE\n".utf8)) == .text)
    let restart = "MODEL 3 of a nuclear magnetic resonance structure\n     3\n"
    #expect(FileKind(start: Array(restart.utf8)) == .text)
  }
}
