import ArgumentParser

/// `--config`, the same for every command.
struct ConfigurationOption: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The deployment's configuration file.", valueName: "file"))
    var config: String = "sila.yaml"
}
