import Flow
import Kernels
import Testing

@testable import Boltzmann

@Suite struct BlockSectionTests {
  @Test func `log-determinants of blocks add up to that of the flow`() throws {
    var configuration = FlowConfiguration(tokens: 3, features: 2)
    (configuration.blocks, configuration.layers, configuration.width) = (3, 1, 8)
    configuration.headWidth = 4
    let flow = try TarFlow(configuration)
    var generator = RandomGenerator(seed: 2, stream: .initialization)
    let weights = (0..<flow.layout.count).map { _ in Float(0.3 * generator.normal()) }
    let x = (0..<5 * flow.dimensions).map { _ in Float(generator.normal()) }
    let blocks = blockLogDeterminants(flow, x, weights: weights, execution: .serial)
    let whole = flow.encode(x, weights: weights).logDeterminant
    #expect(blocks.count == 3 && blocks.allSatisfy { abs($0.mean) > 1e-6 && $0.deviation > 0 })
    let sum = blocks.reduce(0) { $0 + $1.mean }
    #expect(abs(sum - whole.reduce(0, +) / 5) < 1e-5)
    // One sample has no spread.
    let one = blockLogDeterminants(
      flow, Array(x.prefix(flow.dimensions)), weights: weights, execution: .serial)
    #expect(one.allSatisfy { $0.deviation == 0 })
    #expect(abs(one.reduce(0) { $0 + $1.mean } - whole[0]) < 1e-5)
  }
}
