/// Balls joined by sticks, in several arrangements, which the reader turns with the mouse or the
/// keys.
package struct Scene: Equatable, Sendable {
  package struct Ball: Equatable, Sendable {
    /// What it is called.
    package var name: String
    package var radius: Double
    /// As "#c0c0c0".
    package var colour: String

    package init(_ name: String, radius: Double, colour: String) {
      (self.name, self.radius, self.colour) = (name, radius, colour)
    }
  }

  /// One arrangement.
  package struct Arrangement: Equatable, Sendable {
    package var title: String
    /// [balls], in the unit of the radii.
    package var positions: [SIMD3<Double>]

    package init(_ title: String, _ positions: [SIMD3<Double>]) {
      (self.title, self.positions) = (title, positions)
    }
  }

  package var name, title, caption: String
  package var balls: [Ball]
  /// Pairs of balls.
  package var sticks: [(Int, Int)]
  package var arrangements: [Arrangement]

  /// - Precondition: Every arrangement has a place for every ball.
  package init(
    _ name: String, title: String, caption: String, balls: [Ball], sticks: [(Int, Int)],
    arrangements: [Arrangement]
  ) {
    for arrangement in arrangements {
      precondition(
        arrangement.positions.count == balls.count,
        "\(arrangement.positions.count) places for \(balls.count) balls")
    }
    (self.name, self.title, self.caption) = (name, title, caption)
    (self.balls, self.sticks, self.arrangements) = (balls, sticks, arrangements)
  }

  package static func == (a: Scene, b: Scene) -> Bool { a.markup == b.markup }

  var markup: String {
    let buttons = arrangements.enumerated().map { index, arrangement in
      """
      <button type="button" aria-pressed="\(index == 0)">\(escaped(arrangement.title))</button>
      """
    }.joined()
    return """
      <figure id="\(name)" class="wide scene"><h3>\(escaped(title))</h3>\
      <div class="stage"><canvas width="900" height="520" role="img" tabindex="0" \
      aria-label="\(escaped(title)). Arrow keys turn it, plus and minus change its size."></canvas>\
      <div class="choices" role="group" aria-label="\(escaped(title))">\(buttons)</div></div>\
      <figcaption>\(escaped(caption))</figcaption>\
      <script type="application/json">\(json)</script></figure>

      """
  }

  /// The scene for the script: places in thousandths, about their middle.
  private var json: String {
    let places = arrangements.map { arrangement in
      let middle =
        arrangement.positions.reduce(SIMD3()) { $0 + $1 } / Double(max(1, balls.count))
      let numbers = arrangement.positions.flatMap { position in
        let place = position - middle
        return [place.x, place.y, place.z].map { "\(Int((1_000 * $0).rounded()))" }
      }
      return "[\(numbers.joined(separator: ","))]"
    }
    let radii = balls.map { "\(Int((1_000 * $0.radius).rounded()))" }.joined(separator: ",")
    return """
      {"r":[\(radii)],"c":[\(balls.map { quoted($0.colour) }.joined(separator: ","))],\
      "b":[\(sticks.map { "\($0.0),\($0.1)" }.joined(separator: ","))],\
      "p":[\(places.joined(separator: ","))]}
      """
  }
}
