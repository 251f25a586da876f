import ArgumentParser

struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image",
    abstract: "The same flow on images, as in the TarFlow paper: train, sample, evaluate.",
    discussion: """
      Images are square, with one or three channels of eight bits. Weights of the published code \
      load as they are, in safetensors (notebooks-export/ has a script for .pth), and those of a \
      run load there.
      """,
    subcommands: [
      ImageTrainCommand.self, ImageSampleCommand.self, ImageEvaluateCommand.self,
      ImageEncodeCommand.self, ImageDecodeCommand.self, ImageDenoiseCommand.self,
    ])
}
