import TensorFiles

/// The layout of a DCD trajectory, as its header gives it.
///
/// A DCD is a sequence of Fortran records, each between two counts of its bytes, in either byte
/// order: a header ("CORD" and 20 integers), a title, the number of atoms, then for each frame
/// perhaps a unit cell, and x, y and z of all atoms in float32 ångström, and perhaps a fourth
/// coordinate.
///
/// - SeeAlso: The description of the DCD format in the NAMD user's guide; CHARMM's extensions are
///   those that its version number, not zero, announces.
struct DCDLayout {
  let path: String
  let isBigEndian: Bool
  let atoms: Int
  /// The frames that the header counts.
  let frames: Int
  let hasUnitCell: Bool
  /// Of the first frame, and from one frame to the next, ps; nil where the header has no time.
  let time: (first: Double, interval: Double)?
  /// What the file holds after the frames that are counted, one line each.
  private(set) var notes: [String] = []
  private let size: Int
  private let hasFourth: Bool
  /// Where the first frame begins.
  private let start: Int

  /// CHARMM's and NAMD's unit of time, ps.
  private static let unitOfTime = 0.04888821

  /// Reads the header, and checks the size of the file against it.
  ///
  /// - Throws: ``TrajectoryError``.
  init(_ file: borrowing OpenFile, path: String) throws(TrajectoryError) {
    self.path = path
    size = file.size
    var reader = DCDRecords(path: path, size: file.size)
    isBigEndian = try reader.findByteOrder(file)
    let header = try reader.next(file, "the header", expected: 84)
    let values = (0..<21).map { reader.integer(header, 4 * $0) }
    // Fields count from 1 after the word CORD.
    let isCHARMM = values[20] != 0
    hasUnitCell = isCHARMM && values[11] != 0
    hasFourth = isCHARMM && values[12] != 0
    guard values[9] == 0 else {
      throw .badHeader(
        path: path, offset: 40,
        fault: "\(values[9]) atoms are fixed and stand in the first frame only, which is not "
          + "supported; write all atoms")
    }
    let step =
      isCHARMM
      ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: values[10])))
      : reader.double(header, 40)
    let interval = Double(values[3]) * step * Self.unitOfTime
    time =
      interval > 0 && interval.isFinite
      ? (Double(values[2]) * step * Self.unitOfTime, interval) : nil
    _ = try reader.next(file, "the title", expected: nil)
    let count = try reader.next(file, "the number of atoms", expected: 4)
    atoms = reader.integer(count, 0)
    guard atoms > 0 else {
      throw .badHeader(path: path, offset: reader.offset - 8, fault: "it counts \(atoms) atoms")
    }
    start = reader.offset
    frames = values[1]
    try checkExtent()
  }

  /// The bytes of a frame.
  private var frameSize: Int {
    (hasUnitCell ? 48 + 8 : 0) + (hasFourth ? 4 : 3) * (4 * atoms + 8)
  }

  /// Compares the frames that are counted with those that are there.
  private mutating func checkExtent() throws(TrajectoryError) {
    let present = (size - start) / frameSize
    guard frames >= 0, frames <= present else {
      throw .truncatedFrames(path: path, expected: frames, found: present, size: size)
    }
    if frames == 0 {
      if present == 0 { throw .noFrames(path: path) }
      throw .uncountedFrames(path: path, counted: 0, found: present)
    }
    if present > frames {
      notes.append(
        "holds \(present - frames) more frames than its header counts: "
          + "it is still being written, or its writer was stopped")
    } else if start + frames * frameSize < size {
      notes.append("ends inside a frame after those that its header counts, which is left out")
    }
    if hasUnitCell { notes.append("has a periodic box, which is left out") }
  }

  /// The coordinates of one frame, ångström, [atoms, 3].
  ///
  /// - Throws: ``TrajectoryError`` when a record has another length than the header says.
  func coordinates(
    of frame: Int, in file: borrowing OpenFile
  ) throws(TrajectoryError) -> [Float] {
    var reader = DCDRecords(
      path: path, size: size, offset: start + frame * frameSize, isBigEndian: isBigEndian)
    if hasUnitCell { _ = try reader.next(file, "the unit cell of frame \(frame)", expected: 48) }
    var values = [Float](repeating: 0, count: 3 * atoms)
    for (axis, name) in ["x", "y", "z"].enumerated() {
      let bytes = try reader.next(file, "\(name) of frame \(frame)", expected: 4 * atoms)
      for atom in 0..<atoms {
        values[3 * atom + axis] = Float(bitPattern: reader.bits(bytes, 4 * atom))
      }
    }
    return values
  }
}

/// The Fortran records of a file, one after the other.
private struct DCDRecords {
  let path: String
  let size: Int
  /// Where the next record begins.
  private(set) var offset = 0
  private var isBigEndian = false

  init(path: String, size: Int, offset: Int = 0, isBigEndian: Bool = false) {
    (self.path, self.size, self.offset, self.isBigEndian) = (path, size, offset, isBigEndian)
  }

  /// Takes the byte order from the length of the first record, 84.
  mutating func findByteOrder(_ file: borrowing OpenFile) throws(TrajectoryError) -> Bool {
    let bytes = try read(file, 8, at: 0, "the header")
    isBigEndian = bytes[0] == 0
    guard bits(bytes, 0) == 84, bytes[4..<8].elementsEqual("CORD".utf8) else {
      throw .badHeader(
        path: path, offset: 0, fault: "a DCD begins with a record of 84 bytes and the word CORD")
    }
    return isBigEndian
  }

  /// The bytes of the next record.
  mutating func next(
    _ file: borrowing OpenFile, _ part: String, expected: Int?
  ) throws(TrajectoryError) -> [UInt8] {
    let count = Int(bits(try read(file, 4, at: offset, part), 0))
    if let expected, count != expected {
      throw .badHeader(
        path: path, offset: offset, fault: "\(part) takes \(count) bytes, expected \(expected)")
    }
    let bytes = try read(file, count + 4, at: offset + 4, part)
    guard Int(bits(bytes, count)) == count else {
      throw .badHeader(
        path: path, offset: offset + 4 + count,
        fault: "the record of \(part) has \(count) bytes at its start and \(bits(bytes, count)) "
          + "at its end")
    }
    offset += count + 8
    return bytes
  }

  func bits(_ bytes: [UInt8], _ place: Int) -> UInt32 {
    let word = bytes[place..<place + 4]
    return (isBigEndian ? Array(word) : word.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
  }

  func integer(_ bytes: [UInt8], _ place: Int) -> Int {
    Int(Int32(bitPattern: bits(bytes, place)))
  }

  func double(_ bytes: [UInt8], _ place: Int) -> Double {
    let (first, second) = (UInt64(bits(bytes, place)), UInt64(bits(bytes, place + 4)))
    return Double(bitPattern: isBigEndian ? first << 32 | second : second << 32 | first)
  }

  private func read(
    _ file: borrowing OpenFile, _ count: Int, at offset: Int, _ part: String
  ) throws(TrajectoryError) -> [UInt8] {
    guard count <= size - offset else {
      throw .truncatedHeader(path: path, part: part, needed: offset + count, found: size)
    }
    do throws(FileError) {
      return try file.read(count, at: offset, path: path)
    } catch {
      throw .file(error)
    }
  }
}
