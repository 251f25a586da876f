extension AmberParameters {
  /// Reads the compiled-in text of a force field, made by
  /// `Tests/Golden/building/convert_force_fields.py`: words, of which some begin an entry.
  ///
  /// - Precondition: The text is as that script writes it.
  init(text: String) {
    var words = Words(text)
    while let word = words.next() {
      switch word {
      case "order": improperOrder = ImproperOrder(rawValue: words.text()) ?? .amber
      case "scales14": (coulombScale14, lennardJonesScale14) = (words.number(), words.number())
      case "class": addClass(&words)
      case "bond":
        bonds[words.key(2)] = (length: words.number(), stiffness: words.number())
      case "angle":
        angles[words.key(3)] = (angle: words.number(), stiffness: words.number())
      case "proper":
        let classes = words.texts(4)
        let isGeneral = classes[0] == "X" && classes[3] == "X"
        propers[Key(isGeneral ? Array(classes[1...2]) : classes)] = words.cosines()
      case "improper":
        let classes = words.texts(4)
        impropers.append(
          Improper(
            centre: classes[0], others: classes[1...].map { $0 == "X" ? nil : $0 },
            cosines: words.cosines()))
      case "residue": addResidue(&words)
      case "grid": grids.append(words.numbers())
      default: preconditionFailure("'\(word)' begins no entry of a force field")
      }
    }
  }

  private mutating func addClass(_ words: inout Words) {
    let (name, amberType, element) = (words.text(), words.text(), words.text())
    var atomClass = AtomClass(
      amberType: amberType, atomicNumber: ChemicalElement(symbol: element)?.rawValue ?? 0,
      mass: words.number(), sigma: words.number(), epsilon: words.number())
    precondition(atomClass.atomicNumber > 0, "element '\(element)' of class \(name)")
    if words.skip("born") { atomClass.born = (words.number(), words.number()) }
    classes[name] = atomClass
  }

  private mutating func addResidue(_ words: inout Words) {
    let name = words.text()
    var residue = ResidueTemplate(atoms: [], bonds: [])
    while !words.skip("bonds") {
      residue.atoms.append(
        .init(name: words.text(), atomClass: words.text(), charge: words.number()))
    }
    while let first = words.peek, let i = residue.place(first) {
      _ = words.next()
      let second = words.text()
      guard let j = residue.place(second) else {
        preconditionFailure("\(name) has no atom \(second)")
      }
      residue.bonds.append(SIMD2(i, j))
    }
    if words.skip("map") { residue.map = Int(words.number()) }
    residues[name] = residue
  }
}

/// A text as words, read from the first to the last.
private struct Words {
  private let words: [Substring]
  private var place = 0

  init(_ text: String) { words = text.split { $0 == " " || $0 == "\n" } }

  var peek: String? { place < words.count ? String(words[place]) : nil }

  mutating func next() -> String? {
    defer { place += 1 }
    return peek
  }

  /// Passes the next word if it is this one.
  mutating func skip(_ word: String) -> Bool {
    guard peek == word else { return false }
    place += 1
    return true
  }

  mutating func text() -> String {
    guard let word = next() else { preconditionFailure("the text ends after \(words.count) words") }
    return word
  }

  mutating func texts(_ count: Int) -> [String] { (0..<count).map { _ in text() } }

  mutating func key(_ count: Int) -> AmberParameters.Key { .init(texts(count)) }

  private static func number(_ word: String) -> Double? { word == "pi" ? .pi : Double(word) }

  mutating func number() -> Double {
    let word = text()
    guard let value = Self.number(word) else { preconditionFailure("'\(word)' is no number") }
    return value
  }

  /// The numbers that follow, up to the next word.
  mutating func numbers() -> [Double] {
    var values: [Double] = []
    while let word = peek, let value = Self.number(word) {
      values.append(value)
      place += 1
    }
    return values
  }

  mutating func cosines() -> [AmberParameters.Cosine] {
    let values = numbers()
    precondition(
      values.count % 3 == 0, "\(values.count) numbers are no periodicity, phase, barrier")
    return stride(from: 0, to: values.count, by: 3).map {
      .init(periodicity: Int(values[$0]), phase: values[$0 + 1], barrier: values[$0 + 2])
    }
  }
}
