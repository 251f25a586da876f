extension PrmtopError: CustomStringConvertible {
  /// One line: where, what, expected and found, and what to do.
  package var description: String {
    switch self {
    case .unreadable, .empty, .binary, .compressed, .wideText, .carriageReturns, .notPrmtop,
      .oldStyle, .unexpectedText, .missingFlag:
      fileDescription
    case .duplicateFlag, .missingFormat, .unknownFormat, .wrongFormat, .overflow, .invalidNumber,
      .tab, .trailingText, .truncated:
      fieldDescription
    case .count, .indexOutOfRange, .notMultipleOfThree, .repeatedAtom, .ambiguousDihedral,
      .repeatedPair14, .pair14NotExcluded, .invalidValue, .unsupported:
      meaningDescription
    }
  }

  private var fileDescription: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .empty(let path): "\(path): the file is empty; copy it again"
    case .binary(let path, let offset):
      "\(path): byte \(offset) is not text; an AMBER prmtop is a text file"
    case .compressed(let path, let form):
      "\(path): is \(form) data, not an AMBER prmtop: unpack it first"
    case .wideText(let path):
      "\(path): is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8"
    case .carriageReturns(let path):
      "\(path): its lines end with bare carriage returns; convert them: tr '\\r' '\\n'"
    case .notPrmtop(let path):
      // What it is instead may be nobody's business: a path in a system can lead anywhere.
      "\(path): not an AMBER prmtop: it is text without %FLAG; name the topology of tleap or ParmEd"
    case .oldStyle(let path):
      "\(path): the form of prmtop from before Amber 7 is not supported; convert it with ParmEd"
    case .unexpectedText(let path, let line, let found):
      "\(path):\(line): '\(found)' belongs to no section; expected %FLAG"
    case .missingFlag(let path, let flag):
      "\(path): %FLAG \(flag) is missing; the energy needs it, so the file is incomplete"
    default: ""
    }
  }

  private var fieldDescription: String {
    switch self {
    case .duplicateFlag(let place, let firstLine):
      "\(place) appears a second time (first in line \(firstLine)); remove one of them"
    case .missingFormat(let place):
      "\(place) has no %FORMAT line; the file is incomplete"
    case .unknownFormat(let place, let found):
      "\(place): '\(found)' is not a format; expected one such as %FORMAT(5E16.8)"
    case .wrongFormat(let place, let expected, let found):
      "\(place): expected a format for \(expected), found '\(found)'"
    case .overflow(let place, let column):
      "\(place), column \(column): asterisks: the number did not fit the format when it was written"
    case .invalidNumber(let place, let column, let found):
      "\(place), column \(column): '\(found)' is not a finite number of the section's format"
    case .tab(let place, let column):
      "\(place), column \(column): a tab; fields are told apart by their columns, so use blanks"
    case .trailingText(let place, let found):
      "\(place): '\(found)' stands after the last field of the line"
    case .truncated(let place, let found):
      "\(place): the file ends inside the field '\(found)'; copy it again"
    default: ""
    }
  }

  /// The section that says how many values a section has.
  private func counter(of flag: String) -> String {
    switch flag {
    case "CMAP_COUNT": "CMAP_PARAMETER_…"
    case _ where flag.hasPrefix("CMAP_PARAMETER_"): "CMAP_RESOLUTION"
    case _ where flag.hasPrefix("CMAP_"): "CMAP_COUNT"
    default: "POINTERS"
    }
  }

  private var meaningDescription: String {
    switch self {
    case .count(let place, let expected, let found):
      "\(place): expected \(expected) values by \(counter(of: place.flag)), found \(found); the file "
        + "is damaged"
    case .indexOutOfRange(let place, let entry, let found, let allowed):
      "\(place), entry \(entry): index \(found) is outside \(allowed.lowerBound)"
        + "…\(allowed.upperBound); the file is damaged"
    case .notMultipleOfThree(let place, let entry, let found):
      "\(place), entry \(entry): \(found) is not a multiple of three, as indices of atoms are"
    case .repeatedAtom(let place, let atoms):
      "\(place): the atoms \(atoms) are not all different"
    case .ambiguousDihedral(let place, let atoms):
      "\(place): in the dihedral \(atoms) atom 1 stands third or fourth, where its index has no "
        + "sign; write the dihedral from its other end"
    case .repeatedPair14(let place, let atoms):
      "\(place): the 1–4 pair \(atoms) comes from two dihedrals; make the third atom of one "
        + "negative"
    case .pair14NotExcluded(let place, let atoms):
      "\(place): the 1–4 pair \(atoms) is not in EXCLUDED_ATOMS_LIST and would count twice"
    case .invalidValue(let place, let entry, let found, let expected):
      "\(place), entry \(entry): expected \(expected), found \(found)"
    case .unsupported(let place, let feature):
      "\(place): \(feature) is not supported; leaving it out would give a wrong energy"
    default: ""
    }
  }
}
