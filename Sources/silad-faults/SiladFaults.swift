import ArgumentParser

/// The bridge with faults in its composition root: what the daemon promises is shown by breaking
/// it on purpose. It is never installed.
@main
struct SiladFaults: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "silad-faults",
        abstract: "silad, stopped and broken on purpose, for the durability tests.",
        subcommands: [Run.self, Points.self, Check.self])
}
