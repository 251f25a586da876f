/// Where an HDF5 file ends by its superblock; nil when that cannot be read.
///
/// - Parameter start: The first bytes of the file, 64 at least.
///
/// - SeeAlso: HDF5 File Format Specification 3.0, section II.A.
func hdf5End(start: some Collection<UInt8>) -> Int? {
  let bytes = Array(start)
  guard bytes.count >= 64 else { return nil }
  // The place of the base address; the end comes two addresses later. Only the usual 8-byte
  // addresses.
  let place: Int
  switch bytes[8] {
  case 0 where bytes[13] == 8: place = 24
  case 1 where bytes[13] == 8: place = 28
  case 2, 3:
    guard bytes[9] == 8 else { return nil }
    place = 12
  default: return nil
  }
  let end = bytes[place + 16..<place + 24].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  return Int(exactly: end)
}
