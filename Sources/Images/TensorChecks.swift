/// Checks that a tensor is finite.
/// - Throws: `ImageError.content` naming the first element that is not.
package func checkFinite(
  _ values: [Float], shape: [Int], name: String, path: String
) throws(ImageError) {
  guard let index = values.firstIndex(where: { !$0.isFinite }) else { return }
  var rest = index
  var place: [Int] = []
  for size in shape.reversed() {
    place.insert(rest % size, at: 0)
    rest /= size
  }
  throw .content(
    path: path,
    problem: "tensor '\(name)' is \(values[index]) at \(place), expected finite numbers")
}

/// Checks that pixels are scaled to −1 to 1; noise may take them out by a few.
/// - Throws: `ImageError.content` for pixels from 0 to 255.
package func checkScale(_ pixels: [Float], name: String, path: String) throws(ImageError) {
  let (low, high) = (pixels.min() ?? 0, pixels.max() ?? 0)
  guard (low >= 0 && high > 2) || max(high, -low) > 32 else { return }
  throw .content(
    path: path,
    problem: "tensor '\(name)' goes from \(low) to \(high), expected pixels from -1 to 1; scale "
      + "bytes v by 2 v/255 - 1")
}
