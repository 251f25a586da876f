import Kernels
import Testing

@Suite struct MatrixTests {
  private let arena = Arena()

  @Test func `views share the elements`() {
    let matrix = arena.matrix(4, 3, (0..<12).map(Double.init))
    let view = matrix.rows(1..<3).columns(1..<3)
    #expect(view.doubles == [4, 5, 7, 8])
    #expect(!view.isContiguous && view.stride == 3 && view.count == 4)
    view[1][0] = -1
    #expect(matrix[2][1] == -1)
    #expect(view.shape == "2×2")
  }

  @Test func `copies and fills`() {
    let matrix = arena.matrix(2, 3, [1, 2, 3, 4, 5, 6])
    let target = arena.matrix(2, 5)
    target.fill(9)
    target.columns(1..<4).copy(from: matrix)
    #expect(target.doubles == [9, 1, 2, 3, 9, 9, 4, 5, 6, 9])
  }

  @Test func `column sums of strided rows are added`() {
    let matrix = arena.matrix(3, 4, (0..<12).map(Double.init)).columns(1..<3)
    let sums = arena.vector([100, 200])
    addColumnSums(of: matrix, to: sums)
    #expect(doubles(sums, 2) == [115, 218])
  }
}
