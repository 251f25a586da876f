import ArgumentParser
import Runs

/// Checks the word that stands where a command is expected, and that after it in a group.
/// - Throws: `ValidationError` with the nearest command.
func checkCommand(
  _ arguments: ArraySlice<String>, of group: any ParsableCommand.Type
) throws {
  let commands = group.configuration.subcommands
  guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !commands.isEmpty else {
    return
  }
  let names = commands.compactMap { $0.configuration.commandName }
  guard let command = commands.first(where: { $0.configuration.commandName == word }) else {
    throw ValidationError(
      "there is no command '\(word)'" + suggestion(for: word, among: names, listing: true))
  }
  try checkCommand(arguments.dropFirst(), of: command)
}
