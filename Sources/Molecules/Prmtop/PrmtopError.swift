/// Why a prmtop could not be used.
package enum PrmtopError: Error, Equatable, Sendable {
  /// Where in a file something was found.
  package struct Place: Equatable, Sendable, CustomStringConvertible {
    package var path: String
    /// The section, without the word `%FLAG`.
    package var flag: String
    /// Line number, from 1.
    package var line: Int

    package init(path: String, flag: String, line: Int) {
      self.path = path
      self.flag = flag
      self.line = line
    }

    package var description: String { "\(path):\(line): %FLAG \(flag)" }
  }

  /// The file cannot be opened or read.
  case unreadable(path: String, reason: String)
  /// The file has no content.
  case empty(path: String)
  /// The file holds bytes that no text has, the first of them at `offset`.
  case binary(path: String, offset: Int)
  /// The file is packed, as `form` says.
  case compressed(path: String, form: String)
  /// The file is a text of 16-bit units.
  case wideText(path: String)
  /// The lines of the file end with bare carriage returns.
  case carriageReturns(path: String)
  /// The file is text, but has no `%FLAG` at all.
  case notPrmtop(path: String)
  /// The file is a prmtop of the form used before Amber 7.
  case oldStyle(path: String)
  /// There is text before the first section, or a line that starts with an unknown `%` word.
  case unexpectedText(path: String, line: Int, found: String)
  /// A section appears twice.
  case duplicateFlag(Place, firstLine: Int)
  /// A section has no `%FORMAT`; it may be where the file was cut off.
  case missingFormat(Place)
  /// The `%FORMAT` cannot be understood.
  case unknownFormat(Place, found: String)
  /// The `%FORMAT` is for values of another kind.
  case wrongFormat(Place, expected: String, found: String)
  /// A section that the energy needs is not there.
  case missingFlag(path: String, flag: String)
  /// The writer had no room for the number and left asterisks.
  case overflow(Place, column: Int)
  /// A field is not a finite number of the right kind.
  case invalidNumber(Place, column: Int, found: String)
  /// A tab stands where fields are told apart by their columns.
  case tab(Place, column: Int)
  /// There is text after the last field that the `%FORMAT` has room for.
  case trailingText(Place, found: String)
  /// The file ends inside a field.
  case truncated(Place, found: String)
  /// A section has more or fewer values than `POINTERS` says.
  case count(Place, expected: Int, found: Int)
  /// An index points at something that does not exist. Entries count from 1.
  case indexOutOfRange(Place, entry: Int, found: Int, allowed: ClosedRange<Int>)
  /// The index of an atom is not a multiple of three. Entries count from 1.
  case notMultipleOfThree(Place, entry: Int, found: Int)
  /// A bond, angle or dihedral names the same atom twice. Atoms count from 1.
  case repeatedAtom(Place, atoms: [Int])
  /// The third or fourth atom of a dihedral is the first of the file, whose index 0 cannot carry
  /// the sign that tells 1–4 pairs. Atoms count from 1.
  case ambiguousDihedral(Place, atoms: [Int])
  /// Two dihedrals ask for the same 1–4 pair. Atoms count from 1.
  case repeatedPair14(Place, atoms: [Int])
  /// A 1–4 pair is not in the list of exclusions and would count twice. Atoms count from 1.
  case pair14NotExcluded(Place, atoms: [Int])
  /// A value has no meaning where it stands. Entries count from 1.
  case invalidValue(Place, entry: Int, found: Double, expected: String)
  /// The file asks for physics that the energy does not have.
  case unsupported(Place, feature: String)
}
