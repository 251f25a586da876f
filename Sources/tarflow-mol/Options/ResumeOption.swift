import ArgumentParser

extension ParsableArguments {
  /// Checks that --resume stands alone, but for some options.
  ///
  /// Everything that is declared and not allowed is refused. To be seen as absent, an option has no
  /// default value of its own: it is optional, a flag that is off, or an empty list.
  /// - Parameters:
  ///   - allowed: The names of the properties that may stand beside --resume.
  ///   - what: What people call that which goes on.
  /// - Throws: `ValidationError`, naming the options that are to be left out.
  func checkResume(
    of what: String, beside allowed: Set<String>, and groups: any ParsableArguments...
  ) throws {
    let given = ([self as any ParsableArguments] + groups).flatMap { givenNames(of: $0) }
      .filter { !allowed.contains($0) }
    guard !given.isEmpty else { return }
    let names = given.map { $0 == "system" ? "the system" : "--" + kebabCase($0) }
    throw ValidationError(
      "--resume takes everything from the \(what); leave out \(names.joined(separator: ", "))")
  }
}

/// The properties of a set of options that were given on the command line; groups do not count.
private func givenNames(of options: any ParsableArguments) -> [String] {
  Mirror(reflecting: options).children.compactMap { child in
    guard let label = child.label, !"\(type(of: child.value))".hasPrefix("OptionGroup") else {
      return nil
    }
    let isAbsent = ["nil", "false", "[]"].contains("\(child.value)")
    return isAbsent ? nil : String(label.drop { $0 == "_" })
  }
}

/// "saveEvery" as people type it, "save-every".
private func kebabCase(_ name: String) -> String {
  name.map { $0.isUppercase ? "-\($0.lowercased())" : "\($0)" }.joined()
}
