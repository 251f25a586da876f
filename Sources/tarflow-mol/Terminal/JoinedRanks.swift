import ArgumentParser
import CMPI
import Foundation
import Kernels

/// A command whose work the ranks of `mpirun` share.
protocol SharedCommand: ParsableCommand {}

/// Checks that `mpirun` has not started several processes that know nothing of each other.
/// - Throws: `ValidationError`.
func checkLaunch(of command: any ParsableCommand) throws {
  let environment = ProcessInfo.processInfo.environment
  let sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].compactMap { environment[$0].flatMap(Int.init) }
  guard let size = sizes.first(where: { $0 > 1 }) else { return }
  if !(command is any SharedCommand) {
    throw ValidationError(
      "\(size) processes were started; only train, simulate, sample, evaluate and image train share "
        + "their work"
    )
  }
  if cm_is_built() == 0 {
    throw ValidationError(
      "\(size) processes were started, but this program was built without MPI; build it with: "
        + "swift build -c release --traits MPI")
  }
}

/// Joins the processes that `mpirun` or `srun` started with this one; the program ends with the code
/// of what can be resumed when one of them is lost.
func joinRanks() -> Ranks {
  guard cm_is_built() != 0 else { return .alone }
  cm_join(ExitStatus.interrupted.rawValue)
  guard cm_size() > 1 else { return .alone }
  return Ranks(rank: Int(cm_rank()), of: Int(cm_size())) { sent, received in
    let out = sent.map {
      cm_message(
        rank: Int32($0.rank), bytes: UnsafeMutableRawPointer(mutating: $0.bytes.baseAddress),
        count: $0.bytes.count)
    }
    let into = received.map {
      cm_message(rank: Int32($0.rank), bytes: $0.bytes.baseAddress, count: $0.bytes.count)
    }
    cm_exchange(out.count, out, into.count, into)
  }
}

/// The MPI library and its version; "not built in" without.
var mpiLibrary: String { cm_is_built() == 0 ? "not built in" : String(cString: cm_library()) }

/// Leaves the other ranks when all come here: what follows is the work of one.
func leaveRanks() { cm_leave() }

/// Ends the other ranks, too, if there are any: they would wait for this one.
func endAllRanks(_ code: Int32) {
  if cm_has_joined() != 0, cm_size() > 1 { cm_end_all(code) }
}
