import ArgumentParser
import Foundation
import Inbox
import StaffProtocol

/// `sila watch`
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print what happens, line by line, until Ctrl-C.",
        discussion: """
            No words of anyone, only what happened where. A lost connection is said on standard error, and \
            taken up again where it was lost: nothing is missed. With --json each line is one object.

            \(Statuses.working)
            """)

    @Option(help: ArgumentHelp("Begin behind this number instead of now.", valueName: "number"))
    var after: Int64?

    @OptionGroup var bridge: BridgeOptions

    struct Report: Encodable, Equatable {
        let number: Int64
        /// `item`, `itemChanged`, `conversation`, `erased`, `roster`, `channel`, `reset`.
        let kind: String
        let at: String
        /// Empty when it concerns none.
        let conversation: String
        let position: Int64
        /// The item, when it can be told.
        let id: String
        /// The conversation as it is now, when it concerns one.
        let state: RowReport?
        /// The channels as they are now, when it concerns them.
        let channels: [Channel]?

        struct Channel: Encodable, Equatable {
            let name: String
            let isOnline: Bool
            let since: String
        }
    }

    func run() async throws {
        try await BridgeSession.run(bridge) { session in
            let start =
                if let after { after } else { try await session.connection.inbox(.mine, limit: 1).event }
            var wasConnected = false
            for try await signal in session.work.events.signals(after: start) {
                switch signal {
                case .connected:
                    Output.standardError(
                        wasConnected
                            ? "sila: connected again.\n" : "sila: watching, behind event \(start). Ctrl-C ends.\n")
                    wasConnected = true
                case .lost(let why, let pause):
                    Output.standardError(
                        "sila: \(Foreign.word(why)) Next attempt in \(max(pause.components.seconds, 1)) s.\n")
                case .event(let event):
                    if event.kind == .roster { try await session.work.rosterChanged() }
                    try await tell(event, session)
                }
            }
        }
    }

    private func tell(_ event: StaffEvent, _ session: BridgeSession) async throws {
        let (item, row) = await Self.look(at: event, session)
        let channels = event.kind == .channel ? try? await session.connection.status().channels : nil
        guard bridge.json else {
            return try Output.standardOutput(Self.line(event, item, row, channels: channels ?? []) + "\n")
        }
        let report = Report(
            number: event.number, kind: event.kind.rawValue, at: Moments.iso(event.at),
            conversation: event.conversation > 0 ? ShortID(.conversation, event.conversation).description : "",
            position: event.position, id: item?.shortID.description ?? "", state: row.map(RowReport.init),
            channels: channels?.map { .init(name: $0.name, isOnline: $0.isOnline, since: Moments.iso($0.since)) })
        try Output.standardOutput(Output.jsonLine(report))
    }

    /// What an event is about, without opening anything; it may be gone by now.
    private static func look(at event: StaffEvent, _ session: BridgeSession) async -> (SealedItem?, InboxRow?) {
        guard event.conversation > 0, event.kind != .erased else { return (nil, nil) }
        guard let page = try? await session.connection.conversation(event.conversation, limit: 20) else {
            return (nil, nil)
        }
        return (page.items.first { $0.position == event.position }, page.row)
    }

    static func line(
        _ event: StaffEvent, _ item: SealedItem?, _ row: InboxRow?, channels: [BridgeStatus.Channel] = [],
        zone: TimeZone = .current
    ) -> String {
        var words = [Moments.clock(event.at, zone: zone)]
        if event.conversation > 0 { words.append(ShortID(.conversation, event.conversation).description) }
        if event.kind != .erased, let row, row.dangerSince > 0 { words.append("DANGER") }
        switch event.kind {
        case .item: words.append(item.map(Self.words) ?? "something new")
        case .itemChanged: words.append(item.map { "\($0.shortID) changed: \(Self.change($0))" } ?? "something changed")
        case .conversation: words.append(row.map(Self.words) ?? "it changed, or is not for you any more")
        case .erased: words.append("was erased")
        case .roster: words.append("members or keys changed")
        case .channel: words.append(Self.words(channels, zone: zone))
        case .reset: words.append("events were missed: look at the inbox anew")
        }
        return words.joined(separator: "  ")
    }

    private static func words(_ item: SealedItem) -> String {
        let author = item.author.map { $0.isEmpty ? "" : " of \(Foreign.word($0))" } ?? ""
        return switch item.kind {
        case .message: "\(item.shortID) \(item.direction == "in" ? "from the contact" : "to the contact")\(author)"
        case .unreadable: "\(item.shortID) from the contact, UNREADABLE"
        case .proposal: "\(item.shortID) reply to approve\(author)"
        case .note, .tag, .task: "\(item.shortID) \(item.kind.rawValue)\(author)"
        }
    }

    private static func change(_ item: SealedItem) -> String {
        if let outcome = item.outcome, !outcome.isEmpty { return Foreign.word(outcome) }
        return item.stage.map { ShowText.words(stage: $0, code: item.code) } ?? "?"
    }

    private static func words(_ channels: [BridgeStatus.Channel], zone: TimeZone) -> String {
        guard !channels.isEmpty else { return "a channel went on or off line: sila doctor" }
        return channels.map { channel in
            "\(Foreign.word(channel.name)) is \(channel.isOnline ? "on line" : "OFF LINE") since "
                + Moments.clock(channel.since, zone: zone)
        }.joined(separator: ", ")
    }

    private static func words(_ row: InboxRow) -> String {
        let waits = row.waitsSince > 0 ? "waits" : "does not wait"
        let taken = row.takenOverBy.isEmpty ? "" : ", \(Foreign.word(row.takenOverBy)) has it from the bot"
        return "\(waits), for \(row.assigned.isEmpty ? "nobody" : Foreign.word(row.assigned))\(taken)"
    }
}
