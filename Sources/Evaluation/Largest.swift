/// The largest of some numbers in ascending order: all where there are no more than `count`.
///
/// A heap holds the largest so far, so that few of many numbers are found without sorting all
/// (`BootstrapBlocksTests`).
///
/// - Precondition: None is NaN.
func largestValues(_ count: Int, of numbers: [Double]) -> [Double] {
  guard count > 0 else { return [] }
  guard numbers.count > 8 * count else { return Array(numbers.sorted().suffix(count)) }
  // The least of them is the root.
  var heap = Array(numbers[..<count].sorted())
  for number in numbers[count...] where number > heap[0] {
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < count else { break }
      if child + 1 < count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < number else { break }
      heap[place] = heap[child]
      place = child
    }
    heap[place] = number
  }
  return heap.sorted()
}
