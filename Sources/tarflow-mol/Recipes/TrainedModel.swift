import Flow
import Foundation
import Logging
import Molecules

/// A flow that is trained, and how its tokens become conformations.
struct TrainedModel {
  let flow: TarFlow
  let weights: [Float]
  let representation: Representation
}

/// What a checkpoint says besides the flow: how tokens become conformations.
func checkpointNotes(_ representation: Representation) throws -> [String: String] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  return ["representation": String(decoding: try encoder.encode(representation), as: UTF8.self)]
}

/// The newest checkpoint that can be read, or nil if there is none.
func resumedState(_ run: RunFolder, flow: TarFlow, log: Logger) throws -> TrainingState? {
  let saved = run.savedSteps()
  for (step, path) in saved {
    do {
      let checkpoint = try Checkpoint(path: path)
      guard checkpoint.flow == flow.configuration else {
        throw CommandError.badData(path: path, problem: "belongs to another flow configuration")
      }
      log.info("resuming from step \(step)")
      return checkpoint.state
    } catch {
      if path == saved.last?.path { throw error }
      log.warning("\(error); trying the checkpoint before")
    }
  }
  return nil
}

/// The trained flow of a run.
/// - Throws: `SafetensorsError`, `FlowError` or `CommandError`.
func readModel(_ run: RunFolder) throws -> TrainedModel {
  let trained = try TrainedFlow(path: run.model)
  guard let text = trained.notes["representation"],
    let representation = try? JSONDecoder().decode(Representation.self, from: Data(text.utf8))
  else {
    throw CommandError.badData(
      path: run.model, problem: "its metadata 'representation' cannot be read")
  }
  return TrainedModel(flow: trained.flow, weights: trained.weights, representation: representation)
}
