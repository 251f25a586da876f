import Foundation
import FoundationXML
import Reporting
import Testing

@Suite struct PageTests {
  private static let page = Page(
    title: "AL3 & <friends>", subtitle: "at 310 K",
    sections: [
      Page.Section(
        "Summary",
        [
          .verdict(Verdict(.good, "Usable", ["It is < 1 & > 0."])),
          .tiles([Tile("ESS", "0.8", note: "of 1")]),
          .facts([("seed", .count(1))]), .list(["a", "b"]), .paragraph("p"),
          .table(PageTable("Rows", columns: ["name", "x"], rows: [["a", "1"]])),
          .folded(title: "settings", text: "a: <b>\n"),
          .scene(
            Scene(
              "molecule", title: "Samples", caption: "c",
              balls: [
                .init("C", radius: 0.05, colour: "#404040"),
                .init("O", radius: 0.05, colour: "#ff0000"),
              ],
              sticks: [(0, 1)], arrangements: [.init("first", [SIMD3(0, 0, 0), SIMD3(0.1, 0, 0)])])),
          .picture(
            Picture(
              title: "Grid", caption: "c",
              png: palettePNG([1], width: 1, height: 1, palette: [(0, 0, 0), (9, 9, 9)]))),
        ]),
      Page.Section(
        "Energies",
        [
          .figures([
            Figure(
              "energy", title: "Energies", caption: "Densities.",
              .chart(
                Chart(
                  x: Axis("u", unit: "kT"), y: Axis("p"), .bins([0, 1, 2]),
                  [.init("a", .steps, colour: 0, [1, 2], beyond: (0, 0.1))],
                  rules: [.init("<mean>", at: 1, isVertical: true)]))),
            Figure(
              "plane", title: "Plane", caption: "Free energies.",
              .maps(
                HeatMaps(
                  x: Axis("φ"), y: Axis("ψ"), xEdges: [0, 1, 2], yEdges: [0, 1],
                  [.init("run", [1, nil], .viridis, range: 0...2, quantity: "F")]))),
            Figure(
              "states", title: "States", caption: "Populations.",
              .chart(
                Chart(
                  x: Axis("state"), y: Axis("share", scale: .logarithmic), .categories(["a", "b"]),
                  [
                    .init(
                      "run", .points, colour: 1, [0.1, nil], low: [0.05, nil], high: [0.2, nil])
                  ]
                ))),
          ])
        ]),
    ], footer: "tarflow-mol")

  private final class Reader: NSObject, XMLParserDelegate {
    var (ids, names, ends, hosts) = ([String](), [String](), [String](), [String]())

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String] = [:]
    ) {
      names.append(name)
      if let id = attributes["id"] { ids.append(id) }
      if let end = attributes["href"], end.hasPrefix("#") { ends.append(String(end.dropFirst())) }
      for key in ["href", "src"] {
        if let address = attributes[key], address.contains("//") { hosts.append(address) }
      }
    }
  }

  private func read(_ text: String) -> Reader? {
    let (parser, reader) = (XMLParser(data: Data(text.utf8)), Reader())
    parser.delegate = reader
    return parser.parse() ? reader : nil
  }

  @Test func `the page is well-formed, its places are unique, and its contents lead to them`()
    throws
  {
    let reader = try #require(read(Self.page.html(data: "report")))
    #expect(Set(reader.ids).count == reader.ids.count)
    #expect(reader.ends.allSatisfy(reader.ids.contains))
    #expect(reader.names.count { $0 == "svg" } == 3)
  }

  @Test func `nothing is loaded from elsewhere`() throws {
    let html = Self.page.html(data: "report")
    #expect(try #require(read(html)).hosts.isEmpty)
    #expect(!html.contains("@import") && !html.contains("url(http"))
  }

  @Test func `every figure has a title, a description and a file of numbers`() {
    let html = Self.page.html(data: "report")
    for figure in Self.page.figures {
      #expect(html.contains("href=\"report/\(figure.name).csv\""))
    }
    #expect(html.matches(of: /<svg [^>]*tabindex="0"[^>]*><title id/).count == 3)
    #expect(Self.page.dataFiles.map(\.name) == ["energy.csv", "plane.csv", "states.csv"])
    #expect(Self.page.dataFiles[0].text == Self.page.figures[0].table.csv)
  }

  @Test func `numbers that are read out are JSON`() throws {
    let html = Self.page.html(data: "report")
    let texts = html.matches(of: /<script type="application\/json">(.*?)<\/script>/).map { $0.1 }
    #expect(texts.count == 4)
    for text in texts {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }
  }

  @Test func `a drawing of its own is well-formed`() {
    for figure in Self.page.figures { #expect(read(figure.standaloneSVG) != nil) }
  }

  @Test func `the same page has the same bytes`() {
    #expect(Self.page.html(data: "d") == Self.page.html(data: "d"))
  }
}
