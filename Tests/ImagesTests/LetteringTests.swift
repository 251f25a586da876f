import Testing

@testable import Images

@Suite struct LetteringTests {
  private func rows(_ text: String) -> [String] {
    Lettering(text).pixels.map { String($0.map { $0 ? "#" : "." }) }
  }

  @Test func `letters are five pixels wide and one apart`() {
    #expect(
      rows("4g") == [
        "...#........", "..##........", ".#.#...####.", "#..#..#...#.", "#####.#...#.",
        "...#...####.", "...#......#.", ".......###..",
      ])
    #expect(Lettering("").width == 0 && rows("").count == 8)
  }

  @Test func `all signs of names have drawings of their own`() {
    let signs =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,-_/+:()'&%#=? "
    #expect(Set(signs.map { rows(String($0)) }).count == signs.count)
    #expect(rows("é") == rows("e") && rows("Å") == rows("A"))
    #expect(rows("猫") == rows("?") && rows("a b").count == 8)
  }
}

@Suite struct ImageGridTests {
  private let shape = ImageShape(channels: 1, size: 2)
  private let images: [Float] = [-1, 0, 1, 1, 1, 1, 1, 1]

  @Test func `pixels of an enlarged grid are squares`() {
    let grid = ImageGrid(images, shape: shape, columns: 1, scale: 3)
    #expect(grid.width == 6 + 8 && grid.height == 2 * 10 + 4)
    for y in 0..<grid.height {
      for x in 0..<grid.width {
        let (row, inside) = ((y - 4) / 10, y >= 4 && (y - 4) % 10 < 6 && (4..<10).contains(x))
        let expected: UInt8 =
          !inside ? 40 : row == 1 || y >= 7 ? 255 : x < 7 ? 0 : 128
        #expect(grid.pixels[y * grid.width + x] == expected, "\(y), \(x)")
      }
    }
  }

  @Test func `the name of a row stands beside its middle, in every channel`() {
    let shape = ImageShape(channels: 3, size: 12)
    let black = [Float](repeating: -1, count: 2 * shape.count)
    let grid = ImageGrid(black, shape: shape, columns: 1, rowNames: ["", "ab"])
    let plain = ImageGrid(black, shape: shape, columns: 1)
    #expect(plain.width == 12 + 4 && grid.width == 2 * 6 + 4 + 12 + 8)
    #expect(grid.height == 2 * 16 + 4)
    let expected = Lettering("ab")
    for channel in 0..<3 {
      for y in 0..<grid.height {
        for x in 0..<16 {
          let (line, column) = (y - 20 - 2, x - 4)
          let isSet =
            (0..<8).contains(line) && (0..<12).contains(column) && expected.pixels[line][column]
          #expect(
            grid.pixels[(channel * grid.height + y) * grid.width + x] == (isSet ? 255 : 40))
        }
      }
    }
  }

  @Test func `rows that are lower than a letter have no names`() {
    #expect(
      ImageGrid(images, shape: shape, columns: 1, rowNames: ["a", "b"])
        == ImageGrid(images, shape: shape, columns: 1))
    let long = ImageGrid(
      [Float](repeating: 0, count: 4), shape: shape, columns: 1, scale: 32,
      rowNames: ["x"])
    let longer = ImageGrid(
      [Float](repeating: 0, count: 4), shape: shape, columns: 1, scale: 32,
      rowNames: [String(repeating: "x", count: 500)])
    #expect(longer.width - long.width == 19 * 6 * 2)
  }

  @Test(arguments: [
    (8, 100, 8), (28, 100, 3), (32, 100, 2), (63, 1, 2), (64, 100, 1), (256, 1, 1),
    (8, 100_000, 1), (8, 0, 8), (8, 8_000, 5),
  ])
  func `small pictures are enlarged as far as the grid stays small`(
    size: Int, count: Int, scale: Int
  ) {
    #expect(ImageGrid.scale(of: ImageShape(channels: 1, size: size), count: count) == scale)
  }
}
