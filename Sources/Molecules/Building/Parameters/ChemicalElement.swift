/// The elements of proteins.
enum ChemicalElement: Int {
  case hydrogen = 1
  case carbon = 6
  case nitrogen = 7
  case oxygen = 8
  case sulfur = 16

  init?(symbol: String) {
    switch symbol {
    case "H", "D": self = .hydrogen
    case "C": self = .carbon
    case "N": self = .nitrogen
    case "O": self = .oxygen
    case "S": self = .sulfur
    default: return nil
    }
  }

  var symbol: String {
    switch self {
    case .hydrogen: "H"
    case .carbon: "C"
    case .nitrogen: "N"
    case .oxygen: "O"
    case .sulfur: "S"
    }
  }
}
