import Images

/// Which of the training images are kept for validation.
package enum HeldOutPlace: String, Codable, CaseIterable, Sendable {
  /// The last ones.
  case end
  /// Evenly spread ones, so that each class of images in the order of their classes has its share.
  case throughout
}

extension ImageSet {
  /// The images that are trained on, and so many that are not, both in their order.
  ///
  /// Of n images of which h are held out `throughout`, image i is one where `⌊(i+1)h/n⌋ > ⌊ih/n⌋`: a
  /// run of m images has mh/n of them, rounded up or down. (`SuitedConfigurationTests`)
  /// - Precondition: `heldOut` is at most the number of images.
  func divided(holdingOut heldOut: Int, from place: HeldOutPlace) -> (
    used: ImageSet, kept: ImageSet
  ) {
    precondition((0...count).contains(heldOut), "\(heldOut) of \(count) images")
    switch place {
    case .end: return (self[0..<count - heldOut], self[count - heldOut..<count])
    case .throughout:
      let isKept = (0..<count).map { ($0 + 1) * heldOut / count > $0 * heldOut / count }
      return (
        self[isKept.indices.filter { !isKept[$0] }], self[isKept.indices.filter { isKept[$0] }]
      )
    }
  }
}
