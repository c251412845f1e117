import ArgumentParser
import Foundation

/// Drives the bridge with a channel in memory and measures the way of a message.
@main
struct PathBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path-benchmark",
        abstract: "Measure the way of a message through the bridge.",
        discussion: """
            Contacts write OMEMO messages, the bridge opens, stores and answers them with an echo, and the replies are \
            confirmed. The contacts' own work and all set-up are not measured. Prints one line of JSON.
            """,
        subcommands: [Run.self, MakeEmpty.self])

    /// `path-benchmark run`
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run one workload.")

        @Option(help: "ping-pong or burst.") var workload: Workload
        @Option(help: "The database file; it must not exist.") var store: String
        @Option(help: "A file with one text a line.") var texts: String
        @Option(help: "Conversations in ping-pong.") var conversations = 200
        @Option(help: "Rounds of ping-pong: each conversation has one message in and one out.") var rounds = 5
        @Option(help: "Messages in the burst.") var burst = 1000
        @Option(help: "Messages that lie in the store before: they are written first, and not measured.") var filled = 0
        @Option(help: "Contacts whose messages these are.") var filledContacts = 1000

        func validate() throws {
            guard (1...10_000).contains(conversations), (1...1000).contains(rounds), (1...1900).contains(burst) else {
                throw ValidationError(
                    "--conversations takes 1 to 10000, --rounds 1 to 1000, --burst 1 to 1900 (a ratchet skips 2000 "
                        + "keys)")
            }
            guard (0...10_000_000).contains(filled), (1...1_000_000).contains(filledContacts) else {
                throw ValidationError("--filled takes 0 to 10000000, --filled-contacts 1 to 1000000")
            }
        }

        private var filling: Workbench.FillingSize { .init(messages: filled, contacts: filledContacts) }

        func run() async throws {
            let lines = try String(contentsOfFile: texts, encoding: .utf8).split(separator: "\n").map(String.init)
            guard !lines.isEmpty else { throw ValidationError("\(texts) holds no text") }
            let result =
                switch workload {
                case .pingPong:
                    try await Workbench.run(store: store, people: conversations, texts: lines, filling: filling) {
                        try await $0.pingPong(rounds: rounds)
                    }
                case .burst:
                    try await Workbench.run(store: store, people: 1, texts: lines, filling: filling) {
                        try await $0.burst(count: burst)
                    }
                }
            print(try result.json(workload: workload))
        }
    }

    /// `path-benchmark make-empty`
    struct MakeEmpty: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an empty store, so that a program beside us uses the same schema.")

        @Argument(help: "The database file; it must not exist.") var store: String

        func run() async throws { try await Workbench.makeEmptyStore(at: store) }
    }
}

enum Workload: String, ExpressibleByArgument, CaseIterable {
    case pingPong = "ping-pong"
    case burst
}
