/// The numbers of `POINTERS`: how many of everything the file has, and which kinds of physics.
struct PrmtopPointers: Sendable {
  /// One of the numbers; the raw value is its position, from 0.
  enum Name: Int {
    case atoms = 0
    case types = 1
    case bondsWithHydrogen = 2
    case anglesWithHydrogen = 4
    case dihedralsWithHydrogen = 6
    case locallyEnhanced = 9
    case excluded = 10
    case residues = 11
    case bondsWithoutHydrogen = 12
    case anglesWithoutHydrogen = 13
    case dihedralsWithoutHydrogen = 14
    case bondTypes = 15
    case angleTypes = 16
    case dihedralTypes = 17
    case hydrogenBondTypes = 19
    case perturbation = 20
    case box = 27
    case cap = 29
    case extraPoints = 30
    case copies = 31
  }

  private let numbers: PrmtopSection.Values<Int>

  init(_ section: PrmtopSection) throws(PrmtopError) {
    numbers = try section.integers()
    // 31 since Amber 8; the extra points and the number of copies came last.
    let needed = Name.cap.rawValue + 1
    if numbers.values.count < needed {
      throw .count(section.place, expected: needed + 1, found: numbers.values.count)
    }
    for (index, value) in numbers.values.enumerated()
    where !(0...Self.limit).contains(value) {
      throw .indexOutOfRange(
        numbers.place(index), entry: index + 1, found: value, allowed: 0...Self.limit)
    }
    for name in [Name.atoms, .types, .residues] where self[name] == 0 {
      throw .invalidValue(place(name), entry: name.rawValue + 1, found: 0, expected: "at least 1")
    }
  }

  /// More than any file has, and few enough that products of two do not overflow.
  private static let limit = 100_000_000

  subscript(name: Name) -> Int {
    numbers.values.indices.contains(name.rawValue) ? numbers.values[name.rawValue] : 0
  }

  func place(_ name: Name) -> PrmtopError.Place { numbers.place(name.rawValue) }
}
