/// The parameters and residues of one force field, in internal units.
package struct AmberParameters: Sendable {
  /// What atoms of one class share.
  struct AtomClass: Equatable, Sendable {
    /// Amber's name of the type.
    var amberType: String
    var atomicNumber: Int
    /// u.
    var mass: Double
    /// nm and kJ/mol.
    var sigma: Double
    var epsilon: Double
    /// The Born radius, nm, and the screening factor that belong to the force field itself.
    var born: (radius: Double, screen: Double)?

    static func == (a: Self, b: Self) -> Bool {
      a.amberType == b.amberType && a.atomicNumber == b.atomicNumber && a.mass == b.mass
        && a.sigma == b.sigma && a.epsilon == b.epsilon && a.born?.radius == b.born?.radius
        && a.born?.screen == b.born?.screen
    }
  }

  /// One cosine: periodicity, phase in rad, barrier in kJ/mol.
  struct Cosine: Equatable, Sendable {
    var periodicity: Int
    var phase: Double
    var barrier: Double
  }

  /// An improper torsion: the class in the middle, and the other three; nil stands for any class.
  struct Improper: Equatable, Sendable {
    var centre: String
    var others: [String?]
    var cosines: [Cosine]

    var hasWildcard: Bool { others.contains(nil) }
  }

  /// The rule that orders the three outer atoms of an improper torsion, which the torsion's angle
  /// depends on.
  enum ImproperOrder: String, Sendable {
    /// By residue and place in it, as tleap does.
    case amber
    /// By element and number, as OpenMM does for force fields that say nothing.
    case element
  }

  /// The classes of two to four atoms, in the direction that comes first in the alphabet.
  struct Key: Hashable, Sendable {
    let classes: [String]

    init(_ classes: [String]) {
      let reversed = Array(classes.reversed())
      self.classes = reversed.lexicographicallyPrecedes(classes) ? reversed : classes
    }
  }

  var classes: [String: AtomClass] = [:]
  /// nm and kJ mol⁻¹ nm⁻².
  var bonds: [Key: (length: Double, stiffness: Double)] = [:]
  /// rad and kJ mol⁻¹ rad⁻².
  var angles: [Key: (angle: Double, stiffness: Double)] = [:]
  /// Proper torsions of four classes, or of the two in the middle.
  var propers: [Key: [Cosine]] = [:]
  var impropers: [Improper] = []
  var improperOrder = ImproperOrder.amber
  /// What 1–4 energies are multiplied by.
  var coulombScale14 = 1.0
  var lennardJonesScale14 = 1.0
  /// Residues by name; `N` or `C` before the name marks those with a charged end.
  package internal(set) var residues: [String: ResidueTemplate] = [:]
  /// Energies of backbone torsions, kJ/mol, [maps, points, points]: the first angle runs fastest,
  /// and both begin at 0.
  var grids: [[Double]] = []

  /// Whether all classes have Born radii of their own.
  package var hasBornRadii: Bool { classes.values.allSatisfy { $0.born != nil } }

  /// The cosines of a proper torsion: those of its four classes, or else of the two in the middle.
  func proper(_ classes: [String]) -> [Cosine]? {
    propers[Key(classes)] ?? propers[Key(Array(classes[1...2]))]
  }
}

/// A residue as the force field knows it.
package struct ResidueTemplate: Equatable, Sendable {
  package struct Atom: Equatable, Sendable {
    package var name: String
    /// The class of its parameters.
    var atomClass: String
    /// e.
    var charge: Double
  }

  package var atoms: [Atom]
  /// Bonds within the residue, as places in `atoms`.
  package var bonds: [SIMD2<Int>]
  /// Which grid of backbone torsions it has.
  var map: Int?

  /// The place of an atom.
  func place(_ name: String) -> Int? { atoms.firstIndex { $0.name == name } }
}
