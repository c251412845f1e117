import ArgumentParser
import Foundation
import Sealing
import StaffProtocol
import Store

/// `read-pages`
@main
struct ReadPages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read-pages",
        abstract: "Read inbox pages and conversations as silad does, without HTTP and JSON.",
        discussion: """
            Calls the service behind the staff API on the store of a deployment whose daemon does not run, as a \
            coordinator. Prints one line of JSON for each kind of page: count, median and 95th percentile.
            """)

    @Option(help: "The deployment's folder.") var deployment: String
    @Option(help: "How many pages of each kind.") var count = 1000
    @Option(help: "Rows of an inbox page.") var rows = 50
    @Option(help: "Items of a conversation.") var items = 100
    @Option(help: "Conversations, separated by commas.") var conversations: String

    private struct Line: Encodable {
        let page: String
        let count: Int
        let medianMs: Double
        let p95Ms: Double
    }

    func validate() throws {
        guard count > 0, !numbers.isEmpty else { throw ValidationError("--count and --conversations hold nothing") }
    }

    private var numbers: [Int64] { conversations.split(separator: ",").compactMap { Int64($0) } }

    func run() async throws {
        let keys = deployment + "/keys"
        let writer = try Store.open(
            path: deployment + "/store/sila.sqlite",
            workingKey: WorkingKeySource.file(path: keys + "/working.key").load(),
            sealer: ArchiveSealer(
                roster: VerifiedRoster.load(rosterPath: keys + "/roster.json", pinPath: keys + "/roster.pin")))
        let service = StoreStaffService(writer: writer, ports: Self.ports)
        guard let member = MemberID(rawValue: "coordinator") else { throw ValidationError("no name for the viewer") }
        let viewer = Viewer(member: member, role: .coordinator)
        let drawn = numbers
        try await measure("inbox, waiting") { _ in
            _ = try await service.inbox(.waiting, limit: rows, after: "", for: viewer)
        }
        try await measure("inbox, all") { _ in _ = try await service.inbox(.all, limit: rows, after: "", for: viewer) }
        try await measure("conversation") { turn in
            _ = try await service.conversation(drawn[turn % drawn.count], before: "", limit: items, for: viewer)
        }
        await writer.close()
    }

    private func measure(_ page: String, _ body: (Int) async throws -> Void) async throws {
        for turn in 0..<(count / 10 + numbers.count) { try await body(turn) }
        var times: [Double] = []
        for turn in 0..<count {
            let started = ContinuousClock.now
            try await body(turn)
            times.append((ContinuousClock.now - started) / .milliseconds(1))
        }
        times.sort()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let line = Line(page: page, count: count, medianMs: times[count / 2], p95Ms: times[count * 95 / 100])
        print(String(decoding: try encoder.encode(line), as: UTF8.self))
    }

    /// Reading pages asks none of them.
    private static var ports: StaffPorts {
        StaffPorts(
            roles: { [:] }, isReleasedText: { _, _ in false },
            suggest: { _ in throw APIError(.unavailable, "there is no bot here") }, wake: { _ in },
            facts: {
                BridgeFacts(version: "", startedAt: 0, keyMode: "file", channels: [], warnings: [])
            })
    }
}
