/// Gives the sections of a prmtop their AMBER meaning, with every count checked against `POINTERS`.
struct PrmtopReader: Sendable {
  let file: PrmtopFile
  let pointers: PrmtopPointers

  init(_ file: PrmtopFile) throws(PrmtopError) {
    self.file = file
    guard let section = file.sections["POINTERS"] else {
      throw .missingFlag(path: file.path, flag: "POINTERS")
    }
    pointers = try PrmtopPointers(section)
  }

  var atoms: Int { pointers[.atoms] }

  func section(_ flag: String) throws(PrmtopError) -> PrmtopSection {
    guard let section = file.sections[flag] else {
      throw .missingFlag(path: file.path, flag: flag)
    }
    return section
  }

  /// The integers of a section, exactly `count` of them.
  func integers(_ flag: String, count: Int) throws(PrmtopError) -> PrmtopSection.Values<Int> {
    let section = try section(flag)
    let found = try section.integers()
    try check(section, expected: count, found: found.values.count)
    return found
  }

  /// The real numbers of a section, exactly `count` of them, each as `rule` demands.
  func reals(
    _ flag: String, count: Int, _ expected: String = "a number",
    where rule: (Double) -> Bool = { _ in true }
  ) throws(PrmtopError) -> PrmtopSection.Values<Double> {
    let section = try section(flag)
    let found = try section.reals()
    try check(section, expected: count, found: found.values.count)
    for (index, value) in found.values.enumerated() where !rule(value) {
      throw .invalidValue(found.place(index), entry: index + 1, found: value, expected: expected)
    }
    return found
  }

  /// The texts of a section, exactly `count` of them.
  func texts(_ flag: String, count: Int) throws(PrmtopError) -> [String] {
    let section = try section(flag)
    let found = try section.texts(expected: count)
    try check(section, expected: count, found: found.values.count)
    return found.values
  }

  /// The entry of a list of indices that count from 1, as one that counts from 0.
  func index(
    _ list: PrmtopSection.Values<Int>, _ entry: Int, count: Int
  ) throws(PrmtopError) -> Int {
    let value = list.values[entry]
    guard (1...max(1, count)).contains(value), count > 0 else {
      throw .indexOutOfRange(
        list.place(entry), entry: entry + 1, found: value, allowed: 1...max(1, count))
    }
    return value - 1
  }

  /// The atom that an entry of a list of bonds, angles or dihedrals names, which holds `3 (i − 1)`.
  func atom(
    _ list: PrmtopSection.Values<Int>, _ entry: Int, signed: Bool = false
  ) throws(PrmtopError) -> Int32 {
    let value = list.values[entry]
    let magnitude = signed ? abs(value) : value
    guard (0...3 * (atoms - 1)).contains(magnitude) else {
      throw .indexOutOfRange(
        list.place(entry), entry: entry + 1, found: value, allowed: 0...3 * (atoms - 1))
    }
    if magnitude % 3 != 0 {
      throw .notMultipleOfThree(list.place(entry), entry: entry + 1, found: value)
    }
    return Int32(magnitude / 3)
  }

  private func check(
    _ section: PrmtopSection, expected: Int, found: Int
  ) throws(PrmtopError) {
    if found != expected { throw .count(section.place, expected: expected, found: found) }
  }
}
