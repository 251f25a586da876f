import CNetCDF

/// What a NetCDF file holds, without its values: dimensions, attributes and variables in the order
/// of the file.
package struct NetCDFLayout: Equatable, Sendable {
  /// The type of a variable's elements.
  package enum ElementType: Equatable, Sendable {
    case character, int32, float32, float64

    var code: nc_type {
      switch self {
      case .character: NC_CHAR
      case .int32: NC_INT
      case .float32: NC_FLOAT
      case .float64: NC_DOUBLE
      }
    }
  }

  /// A named length.
  package struct Dimension: Equatable, Sendable {
    let name: String
    /// Nil for the dimension that grows, of which a file has one at most.
    let length: Int?

    package init(_ name: String, _ length: Int?) { (self.name, self.length) = (name, length) }
  }

  /// A named text.
  package struct Attribute: Equatable, Sendable {
    let name: String
    let text: String

    package init(_ name: String, _ text: String) { (self.name, self.text) = (name, text) }
  }

  /// A named array.
  package struct Variable: Equatable, Sendable {
    let name: String
    let type: ElementType
    /// The names of its dimensions; the one that grows can only be the first.
    let dimensions: [String]
    let attributes: [Attribute]

    package init(
      _ name: String, _ type: ElementType, _ dimensions: [String], units: String? = nil,
      attributes: [Attribute] = []
    ) {
      (self.name, self.type, self.dimensions) = (name, type, dimensions)
      self.attributes = (units.map { [Attribute("units", $0)] } ?? []) + attributes
    }
  }

  /// The attributes of the file.
  package var attributes: [Attribute]
  package var dimensions: [Dimension]
  package var variables: [Variable]

  package init(attributes: [Attribute], dimensions: [Dimension], variables: [Variable]) {
    self.attributes = attributes
    self.dimensions = dimensions
    self.variables = variables
  }
}
