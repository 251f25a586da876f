import ArgumentParser

@main
struct TarflowMol: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tarflow-mol",
    abstract: "Learns the Boltzmann distribution of a peptide and draws reweighted conformations.")
}
