import Foundation
import Kernels
import TestSupport
import Testing

@testable import Molecules

@Suite struct AtomGroupsTests {
  /// The names of the atoms that each token places, the first two left out.
  private func names(_ topology: Topology, size: Int) throws -> [String] {
    let tree = try BondTree(topology: topology, order: .topology)
    let groups = tree.groups(of: size, topology: topology)
    return zip(groups.starts, groups.starts.dropFirst() + [tree.placements]).map { start, end in
      (start..<end).map { topology.atomNames[tree.order[$0 + 2]] }.joined(separator: " ")
    }
  }

  @Test func `a token ends with the atom that a torsion turns`() throws {
    let alanine = ["N H CA HA", "CB HB1 HB2 HB3 C O"]
    #expect(
      try names(madePeptide("AL4"), size: 6)
        == ["HH32 HH33 C O"] + alanine + alanine + alanine + ["N H CH3 HH31 HH32 HH33"])
    #expect(
      try names(madePeptide("AL2"), size: 3)
        == ["HH32 HH33 C", "O N H", "CA HA", "CB HB1 HB2", "HB3 C O", "N H CH3"]
        + ["HH31 HH32 HH33"])
    #expect(
      try names(madePeptide("AL4"), size: 10)
        == ["HH32 HH33 C O N H CA HA"]
        + [String](repeating: "CB HB1 HB2 HB3 C O N H CA HA", count: 2)
        + ["CB HB1 HB2 HB3 C O", "N H CH3 HH31 HH32 HH33"])
    // No torsion of a ring turns.
    #expect(
      try names(madeRing, size: 8) == ["HD2 HD3 CG HG2 HG3 CB HB2 HB3", "CA HA C O"])
  }

  @Test(arguments: madeCases, [1, 2, 6, 40])
  func `tokens hold every placement once`(madeCase: (String, AtomOrder), size: Int) throws {
    let topology = try #require(madeMolecules[madeCase.0])
    let tree = try BondTree(topology: topology, order: madeCase.1)
    let groups = tree.groups(of: size, topology: topology)
    #expect(groups.size == size && groups.starts.first == 0)
    #expect(Set(groups.offsets).count == tree.placements)
    #expect(groups.offsets.allSatisfy { $0 % 3 == 0 })
    #expect(groups.present.map { $0.reduce(0, +) } ?? 3 * tree.placements == 3 * tree.placements)
    if size == 1 {
      #expect(groups.starts == Array(0..<tree.placements) && groups.present == nil)
    }
  }

  @Test func `groups that do not fit are none`() {
    #expect(AtomGroups(placements: 5, size: 3, starts: [0, 3]) != nil)
    for starts in [[], [1], [0], [0, 4], [0, 0, 3], [0, 3, 5], [0, 3, 2]] {
      #expect(AtomGroups(placements: 5, size: 3, starts: starts) == nil, "\(starts)")
    }
    for size in [0, -1, Int.max, Int.max / 3] {
      #expect(AtomGroups(placements: 5, size: size, starts: [0]) == nil, "\(size)")
    }
  }
}

/// A representation whose tokens hold six atoms at most beside that of the same frames whose tokens
/// hold one.
@Suite struct GroupedRepresentationTests {
  private let topology = madePeptide("AL3")
  private let coordinates: [Double]
  private let single: InternalRepresentation
  private let grouped: InternalRepresentation

  init() throws {
    let tree = try BondTree(topology: topology, order: .topology)
    var source = SeededGenerator(state: 5)
    let frames = source.ensemble(tree, frames: 30)
    coordinates = frames
    func fitted(_ topology: Topology, _ size: Int) throws -> InternalRepresentation {
      var fitted = try InternalRepresentation(
        tree: tree, atomsPerToken: size, topology: topology, coordinates: frames,
        execution: .serial)
      fitted.hasPeriodicTorsions = true
      return fitted
    }
    single = try fitted(topology, 1)
    grouped = try fitted(topology, 6)
  }

  private func spread(_ tokens: [Float]) -> [Float] {
    let width = 3 * single.tree.placements
    return stride(from: 0, to: tokens.count, by: width).flatMap {
      grouped.groups.spread(Array(tokens[$0..<$0 + width]), missing: 0)
    }
  }

  @Test func `tokens are the same numbers in other places`() throws {
    let one: [Float] = single.tokens(from: coordinates, execution: .serial)
    let tokens: [Float] = grouped.tokens(from: coordinates, execution: Execution(workers: 3))
    #expect(tokens == spread(one))
    // What stands where a feature is missing does not matter.
    let representation = Representation.internal(grouped)
    let present = try #require(representation.present)
    var filled = tokens
    for index in filled.indices
    where index % representation.features
      >= present[index / representation.features % representation.tokens]
    {
      filled[index] = .nan
    }
    #expect(filled.contains { $0.isNaN })
    let expected = single.coordinates(from: one, execution: .serial)
    #expect(grouped.coordinates(from: tokens, execution: .serial) == expected)
    #expect(grouped.coordinates(from: filled, execution: .serial) == expected)
  }

  @Test func `windows and gradients move along`() throws {
    let one: [Float] = single.tokens(from: coordinates, execution: .serial)
    let (windows, moved) = (
      try #require(single.periodicWindows), try #require(grouped.periodicWindows)
    )
    #expect(moved.lows == spread(windows.lows) && moved.periods == spread(windows.periods))
    let slopes = coordinates.map { sin(7 * $0) }
    let expected = single.tokenGradient(
      of: slopes, at: one, coordinates: coordinates, execution: .serial)
    let found = grouped.tokenGradient(
      of: slopes, at: spread(one), coordinates: coordinates, execution: .serial)
    #expect(found.map { Float($0) } == spread(expected.map { Float($0) }))
  }

  @Test func `a conformation is relabelled alike`() {
    func relabelled(_ representation: InternalRepresentation) -> [Float] {
      var tokens: [Float] = representation.tokens(from: coordinates, execution: .serial)
      representation.relabel(&tokens, frame: 7) { $0.swapAt(1, 2) }
      return tokens
    }
    #expect(relabelled(grouped) == spread(relabelled(single)))
    #expect(relabelled(single) != single.tokens(from: coordinates, execution: .serial))
  }

  @Test func `groups are written down where there are any`() throws {
    func text(_ representation: InternalRepresentation) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(representation), as: UTF8.self)
    }
    #expect(try !text(single).contains("oken"))
    let written = try text(grouped)
    func read(_ text: String) throws -> InternalRepresentation {
      try JSONDecoder().decode(InternalRepresentation.self, from: Data(text.utf8))
    }
    #expect(try read(written) == grouped)
    for (from, to) in [
      ("\"atomsPerToken\":6", "\"atomsPerToken\":5"), ("\"atomsPerToken\":6,", ""),
      ("\"tokenStarts\":[0,", "\"tokenStarts\":[1,"),
    ] {
      let damaged = written.replacingOccurrences(of: from, with: to)
      #expect(damaged != written)
      #expect(throws: DecodingError.self, "\(to)") { _ = try read(damaged) }
    }
  }
}
