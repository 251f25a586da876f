extension ClassicHeader {
  /// Checks that all data lies inside a file of `size` bytes, and that no two variables overlap.
  ///
  /// Records repeat every `recordSize` bytes, the sum of the padded sizes of the record variables.
  /// (A single record variable is not padded.)
  ///
  /// - Returns: the number of whole records that follow after those that are counted: of a writer
  ///   that still writes, or was killed.
  /// - Throws: ``TrajectoryError`` naming the variable, or the frames that are there.
  func checkExtent(path: String, size: Int) throws(TrajectoryError) -> Int {
    let ordered = variables.sorted { $0.begin < $1.begin }
    let fixed = ordered.filter { !$0.isRecord }
    let repeated = ordered.filter(\.isRecord)
    if let records, records > 0, !dimensions.contains(where: { $0.length == 0 }) {
      throw .badHeader(
        path: path, offset: 4, fault: "\(records) records are counted, but no dimension is theirs")
    }
    var end = length
    for variable in fixed + repeated {
      guard variable.begin >= end, variable.begin <= .max / 2 else {
        throw .badHeader(
          path: path, offset: variable.offset,
          fault: "'\(variable.name)' begins at byte \(variable.begin), inside what stands before it"
        )
      }
      end = variable.begin + (variable.isRecord ? stride(of: variable) : variable.bytes)
      // Not every writer fills up the last variable of a file.
      guard variable.isRecord || end <= size else {
        throw .truncatedVariable(path: path, variable: variable.name, needed: end, found: size)
      }
    }
    guard let first = repeated.first, let last = repeated.last else { return 0 }
    // The records repeat without gaps, so the variables of one record have none either.
    guard end - first.begin == recordSize else {
      throw .badHeader(
        path: path, offset: last.offset,
        fault: "a record takes \(recordSize) bytes, but spans \(end - first.begin)")
    }
    let present = wholeRecords(size: size, from: first, to: last)
    guard let records else { throw .uncountedFrames(path: path, counted: nil, found: present) }
    if records > present {
      throw .truncatedFrames(path: path, expected: records, found: present, size: size)
    }
    if records == 0, present > 0 {
      throw .uncountedFrames(path: path, counted: 0, found: present)
    }
    return present - records
  }

  /// The bytes from one record to the next.
  var recordSize: Int {
    variables.filter(\.isRecord).reduce(0) { $0 + stride(of: $1) }
  }

  /// The bytes that a variable takes in a record.
  private func stride(of variable: Variable) -> Int {
    let isOnlyOne = variables.count(where: \.isRecord) == 1
    return isOnlyOne && variable.elementSize < 4 ? variable.bytes : padded(variable.bytes)
  }

  /// The records whose last byte still lies in the file.
  private func wholeRecords(size: Int, from first: Variable, to last: Variable) -> Int {
    let firstEnd = last.begin + last.bytes
    guard size >= firstEnd else { return 0 }
    return (size - firstEnd) / recordSize + 1
  }
}
