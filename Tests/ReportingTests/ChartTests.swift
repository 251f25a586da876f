import Foundation
import Reporting
import Testing

@Suite struct ChartTests {
  private static let histogram = Chart(
    x: Axis("energy", unit: "kT", range: 0...4), y: Axis("density", unit: "1/kT", range: 0...1),
    .bins([0, 1, 2, 4]),
    [
      Chart.Series("a, b", .filledSteps, colour: 0, [0.25, 0.5, nil], beyond: (0, 0.125)),
      Chart.Series("c", .steps, colour: 1, [0, 1, 0.1], low: [0, 0.9, 0], high: [0.1, 1, 0.2]),
    ])

  @Test func `the table has a row a place, bounds beside values, and what lies beyond the bins`() {
    #expect(
      Self.histogram.table.csv == """
        energy (kT) low,energy (kT) high,a; b,c,c low,c high
        -inf,0.0,0.0,,,
        0.0,1.0,0.25,0.0,0.0,0.1
        1.0,2.0,0.5,1.0,0.9,1.0
        2.0,4.0,,0.1,0.0,0.2
        4.0,inf,0.125,,,

        """)
    let chart = Chart(
      x: Axis("state"), y: Axis("population", unit: "%"), .categories(["alpha", "beta"]),
      [Chart.Series("run", .points, colour: 2, [1, 2])])
    #expect(chart.table.csv == "state,run\nalpha,1.0\nbeta,2.0\n")
  }

  /// Pixels back to values, by the area of the drawing that is named in it.
  @Test func `what is drawn is what the table says`() throws {
    let values = [0.5, 2, 1, 4]
    let chart = Chart(
      x: Axis("t", range: 0...3), y: Axis("u", range: 0...5), .points([0, 1, 2, 3]),
      [Chart.Series("u", .line, colour: 0, values)])
    let svg = chart.svg(id: "f", title: "T", description: "D")
    let plot = try #require(svg.firstMatch(of: /data-plot="([^"]*)"/)).1.split(separator: " ")
      .compactMap { Double($0) }
    let path = try #require(svg.firstMatch(of: /class="line k0" d="M([^"]*)"/)).1
    let points = path.split(separator: "L").map {
      $0.split(separator: " ").compactMap { Double($0) }
    }
    try #require(points.count == 4 && plot.count == 4)
    for (index, point) in points.enumerated() {
      let x = (point[0] - plot[0]) / (plot[2] - plot[0]) * 3
      let y = (plot[3] - point[1]) / (plot[3] - plot[1]) * 5
      // A pixel's tenth, of 400 and of 240.
      #expect(abs(x - Double(index)) < 1e-3 && abs(y - values[index]) < 2e-3)
    }
    let rows = chart.table.rows.map { $0.compactMap { Double($0) } }
    #expect(rows == [[0, 0.5], [1, 2], [2, 1], [3, 4]])
  }

  /// The numbers of an attribute of the texts of a style.
  private func places(_ svg: String, _ style: String) -> [(x: Double, text: String)] {
    svg.matches(of: /<text class="([a-z ]*)" text-anchor="end" x="([0-9.]*)"[^>]*>([^<]*)</)
      .filter { $0.1 == style }.map { (Double($0.2) ?? 0, String($0.3)) }
  }

  @Test(arguments: [1.0, 0.002, 123_456])
  func `the title of an axis stands left of its numbers`(largest: Double) throws {
    let chart = Chart(
      x: Axis("step"), y: Axis("learning rate", range: 0...largest), .points([0, 1]),
      [Chart.Series("", .line, colour: 3, [0, largest])])
    let svg = chart.svg(id: "f", title: "", description: "")
    let numbers = places(svg, "tick")
    #expect(numbers.count > 2)
    // The title is turned about x = 15, and its letters are 14 pixels high on a phone.
    for (x, text) in numbers { #expect(x - 7 * Double(text.count) > 15 + 4, "\(text)") }
  }

  @Test func `every second number of a map gives way on a narrow screen`() throws {
    let maps = HeatMaps(
      x: Axis("φ", unit: "°", tickStep: 90), y: Axis("ψ", unit: "°", tickStep: 90),
      xEdges: [-180, 0, 180], yEdges: [-180, 0, 180],
      [HeatMaps.Map("a", [0, 1, nil, 2], .viridis, range: 0...2, quantity: "kT")])
    let svg = try #require(maps.svgs(id: "f", title: "", description: "").first)
    let hidden = svg.matches(of: /class="tick alt"[^>]*>([^<]*)</).map { String($0.1) }
    #expect(hidden == ["−90", "90"])
  }

  @Test func `a value that is not there breaks the line`() {
    let chart = Chart(
      x: Axis("t"), y: Axis("u"), .points([0, 1, 2, 3, 4]),
      [Chart.Series("u", .line, colour: 0, [1, 2, nil, 3, 4])])
    let path =
      chart.svg(id: "f", title: "", description: "")
      .firstMatch(of: /class="line k0" d="([^"]*)"/)?.1 ?? ""
    #expect(path.count { $0 == "M" } == 2)
  }

  @Test func `a logarithmic axis leaves out what is not positive`() {
    let chart = Chart(
      x: Axis("t"), y: Axis("p", scale: .logarithmic), .points([0, 1, 2]),
      [Chart.Series("p", .line, colour: 0, [0, 0.1, 1])])
    let svg = chart.svg(id: "f", title: "", description: "")
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test func `maps have a row a bin, and a picture with the high end of y on top`() {
    let maps = HeatMaps(
      x: Axis("φ", unit: "°"), y: Axis("ψ", unit: "°"), xEdges: [0, 1, 2], yEdges: [0, 5, 10],
      [HeatMaps.Map("run", [0, 1, nil, 3], .viridis, range: 0...4, quantity: "F (kT)")])
    #expect(
      maps.table.csv == """
        φ (°) low,φ (°) high,ψ (°) low,ψ (°) high,run: F (kT)
        0.0,1.0,0.0,5.0,0.0
        0.0,1.0,5.0,10.0,
        1.0,2.0,0.0,5.0,1.0
        1.0,2.0,5.0,10.0,3.0

        """)
    #expect(maps.svgs(id: "m", title: "", description: "").count == 1)
  }

  @Test func `colours run through their anchors`() {
    #expect(ColourMap.viridis.colour(at: 0) == (253, 231, 37))
    #expect(ColourMap.viridis.colour(at: 2) == (68, 1, 84))
    #expect(ColourMap.diverging.colour(at: 0.5) == (246, 246, 246))
  }
}
