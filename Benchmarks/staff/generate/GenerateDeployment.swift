import ArgumentParser
import Foundation

/// `generate-deployment`
@main
struct GenerateDeployment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate-deployment",
        abstract: "Fill a deployment with invented conversations, really sealed.",
        discussion: """
            The deployment is one that 'sila init' has just made, with its working key in a file. Contacts write in \
            six varieties on 30 days that end now, and the bot answers most of it; at the last day some wait. \
            The same seed makes the same conversations; keys, nonces and times differ.
            """)

    @Option(help: "The deployment's folder.") var deployment: String
    @Option(help: "The list of words, Benchmarks/staff/generate/words.txt.") var words: String
    @Option(help: "Messages, in and out.") var messages = 1_000_000
    @Option(help: "Contacts, a conversation each.") var contacts = 10_000
    @Option(help: "Another seed makes other conversations.") var seed: UInt64 = 1

    /// Exchanges in one commit. More are slower: SQLite keeps what a savepoint changed in a list, and walks it.
    private static let batch = 16

    func validate() throws {
        guard (1...100_000_000).contains(messages), (1...999_999).contains(contacts) else {
            throw ValidationError("--messages takes 1 to 100000000, --contacts 1 to 999999")
        }
    }

    func run() async throws {
        let started = ContinuousClock.now
        var timeline = Timeline(contacts: contacts, messages: messages, seed: seed, corpus: try Corpus(path: words))
        let writer = try BatchWriter(deployment: deployment)
        let first = Date(timeIntervalSinceNow: Double(-Timeline.days) * 86_400)
        for day in 0..<Timeline.days {
            try await fill(day, first.addingTimeInterval(Double(day) * 86_400), &timeline, writer)
            try await writer.forgetExpired()
            let seconds = Int((ContinuousClock.now - started) / .seconds(1))
            say("day \(day + 1) of \(Timeline.days), \(timeline.made) of \(messages) messages, \(seconds) s")
        }
        await writer.close()
    }

    /// The next batch is thought up while the last one is written.
    private func fill(_ day: Int, _ start: Date, _ timeline: inout Timeline, _ writer: BatchWriter) async throws {
        let writers = timeline.writers()
        let (before, quota) = (timeline.made, timeline.quota(endOf: day))
        var next = 0
        var ready: (exchanges: [Exchange], at: Date)?
        repeat {
            let last = ready
            async let written: Void = Self.write(last, writer)
            let share = Double(timeline.made - before) / Double(max(quota - before, 1))
            var exchanges: [Exchange] = []
            while exchanges.count < Self.batch, timeline.made < quota {
                exchanges.append(timeline.exchange(by: writers[next % writers.count], day: day))
                next += 1
            }
            try await written
            ready = exchanges.isEmpty ? nil : (exchanges, start.addingTimeInterval(share * 86_000))
        } while ready != nil
    }

    private static func write(_ batch: (exchanges: [Exchange], at: Date)?, _ writer: BatchWriter) async throws {
        if let batch { try await writer.write(batch.exchanges, at: batch.at) }
    }

    private func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
