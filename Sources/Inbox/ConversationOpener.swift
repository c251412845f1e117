import Foundation
import Messaging
import Sealing
import StaffProtocol
import Unsealing

/// Opens sealed items on the staff machine. One that does not open is shown as such; the rest opens.
public struct ConversationOpener: Sendable {
    private let keys: any KeyHolder
    private let readable: Set<Compartment>

    /// - Parameter role: in the verified roster: tells what is closed for this member from what is damaged.
    public init(keys: any KeyHolder, role: Role?) {
        self.keys = keys
        readable = role?.readableCompartments ?? []
    }

    /// Opens a page.
    public func open(_ page: ConversationPage) async throws -> OpenedConversation {
        let rows = [page.row] + (page.linked ?? [])
        let contacts = Dictionary(rows.map { ($0.conversation, $0.contact) }, uniquingKeysWith: { first, _ in first })
        // Each line is held against the contact of its own conversation.
        var lines = try await open(page.items, page.segments) { contacts[$0.conversation] }
        if page.older.isEmpty, !page.olderWithheld {
            for row in rows { Self.expectFirstDevice(&lines, in: row.conversation) }
        }
        Self.mark(&lines)
        return OpenedConversation(
            row: page.row, lines: lines, older: page.older, olderWithheld: page.olderWithheld, event: page.event,
            linked: page.linked ?? [])
    }

    /// Writes beside each message what later ones did to it. Only what the contact wrote can be taken back or
    /// corrected by them; a sign may be put to anything.
    static func mark(_ lines: inout [ConversationLine]) {
        let places = Dictionary(
            lines.enumerated().filter { $1.item.kind == .message }.map { ($1.item.id, $0) },
            uniquingKeysWith: { first, _ in first })
        for index in lines.indices {
            guard let reference = lines[index].reference, lines[index].author == .contact,
                let place = places[reference.message], place < index
            else { continue }
            let id = lines[index].id
            let isTheirs = lines[place].author == .contact
            switch reference.kind {
            case .retraction where isTheirs: lines[place].retractedBy = id
            case .correction where isTheirs: lines[place].correctedBy = id
            case .reaction:
                let signs = lines[index].text ?? ""
                lines[place].reaction = signs.isEmpty ? nil : signs
            case .retraction, .correction: break
            }
        }
    }

    /// Every contact begins with a device that was not seen before: only another one than the first is worth
    /// a warning, or nobody heeds it.
    ///
    /// - Parameter lines: a conversation from its beginning.
    private static func expectFirstDevice(_ lines: inout [ConversationLine], in conversation: Int64) {
        for index in lines.indices
        where lines[index].item.conversation == conversation
            && [.message, .unreadable].contains(lines[index].item.kind)
        {
            // What does not open may have come from a device before.
            guard case .message = lines[index].content else { return }
            guard lines[index].author == .contact, lines[index].protection == .endToEnd else { continue }
            lines[index].deviceIsNew = false
            return
        }
    }

    /// Opens items.
    ///
    /// - Parameter contact: whose they should be.
    /// - Returns: a line for each item, in the same order.
    public func open(
        _ items: [SealedItem], _ segments: [SealedSegment], contact: Int64
    ) async throws -> [ConversationLine] {
        try await open(items, segments) { _ in contact }
    }

    /// - Parameter contact: whose an item should be.
    func open(
        _ items: [SealedItem], _ segments: [SealedSegment], contact: (SealedItem) -> Int64?
    ) async throws -> [ConversationLine] {
        let opened = try await keys.open(segments)
        let known = Dictionary(segments.map { ($0.token, $0) }, uniquingKeysWith: { first, _ in first })
        return items.map { item in
            guard let segment = known[item.segment] else {
                return ConversationLine(item, .damaged("its key is missing from what the bridge gave"))
            }
            var line = line(item, segment, opened[item.segment])
            line.compartment = segment.compartment
            if opened[item.segment] != nil, segment.contact != contact(item) { line.doubts.insert(.contact) }
            return line
        }
    }

    private func line(_ item: SealedItem, _ segment: SealedSegment, _ key: OpenedSegment?) -> ConversationLine {
        guard !segment.wrapped.isEmpty else { return ConversationLine(item, .erased) }
        guard let key else {
            return ConversationLine(
                item,
                readable.contains(segment.compartment)
                    ? .damaged("its key does not open: it was altered, or belongs elsewhere")
                    : .closed(segment.compartment))
        }
        return open(item, key)
    }

    private func open(_ item: SealedItem, _ key: OpenedSegment) -> ConversationLine {
        do {
            let bytes = try key.open(Array(item.sealed), kind: item.recordKind, record: item.record)
            return switch item.kind {
            case .message: message(item, try MessageRecord(decoding: bytes))
            case .unreadable: unreadable(item, try UnreadableRecord(decoding: bytes))
            case .note: entry(item, try EntryRecord(decoding: bytes, as: .note))
            case .tag: entry(item, try EntryRecord(decoding: bytes, as: .tag))
            case .task: entry(item, try EntryRecord(decoding: bytes, as: .task))
            case .proposal: entry(item, try EntryRecord(decoding: bytes, as: .proposal))
            }
        } catch {
            return ConversationLine(item, .damaged("\(error)"))
        }
    }

    private func message(_ item: SealedItem, _ record: MessageRecord) -> ConversationLine {
        let author: ConversationLine.Author =
            switch record.author {
            case .contact: .contact
            case .bot: .bot
            case .staff: .member(record.member ?? "")
            }
        var line = ConversationLine(item, .message(record.text), author: author, at: record.sentAt)
        line.protection = record.protection
        line.deviceIsNew = record.deviceIsNew
        line.language = record.language
        line.topic = record.topic
        line.reference = record.reference
        line.attachment = record.attachment
        let direction = record.direction == .incoming ? "in" : "out"
        if let said = item.direction, said != direction { line.doubts.insert(.direction) }
        if let said = item.protection, said != record.protection.rawValue { line.doubts.insert(.protection) }
        if (record.author == .contact) != (record.direction == .incoming) { line.doubts.insert(.author) }
        return line
    }

    private func unreadable(_ item: SealedItem, _ record: UnreadableRecord) -> ConversationLine {
        ConversationLine(
            item, .unreadable(code: record.code, reason: record.reason), author: .contact, at: record.sentAt)
    }

    private func entry(_ item: SealedItem, _ record: EntryRecord) -> ConversationLine {
        let content: ConversationLine.Content
        switch record.kind {
        case .note: content = .note(record.text)
        case .tag: content = .tag(record.text)
        case .task: content = .task(record.text)
        case .proposal: content = .proposal(record.text, record.proposal ?? EntryRecord.Proposal(seen: 0))
        }
        var line = ConversationLine(item, content, author: .member(record.author.rawValue), at: record.at)
        line.language = record.proposal?.variety
        line.topic = record.proposal?.topic
        if let said = item.author, said != record.author.rawValue { line.doubts.insert(.author) }
        return line
    }
}

/// Reads conversations: fetched, opened, and reported to the audit log as opened.
public struct ConversationReading: Sendable {
    private let connection: StaffConnection

    public init(_ connection: StaffConnection) { self.connection = connection }

    /// - Parameters:
    ///   - before: `OpenedConversation.older` of the page before; empty for the newest.
    ///   - limit: 1 to 500 items.
    ///   - wholePerson: with what stands in the person's other conversations.
    public func page(
        _ conversation: Int64, before: String = "", limit: Int = 100, wholePerson: Bool = false
    ) async throws -> OpenedConversation {
        let page = try await connection.conversation(
            conversation, before: before, limit: limit, wholePerson: wholePerson)
        let opener = ConversationOpener(keys: connection.keys, role: try await connection.role())
        let opened = try await opener.open(page)
        for each in [page.row] + opened.linked {
            let count = opened.lines.count { $0.wasOpened && $0.item.conversation == each.conversation }
            guard count > 0 else { continue }
            do {
                try await connection.reportOpened(OpenedReport(conversation: each.conversation, items: Int64(count)))
            } catch is ConnectionError {
                // It was read already: refusing to show it now would take nothing back.
            }
        }
        return opened
    }
}

extension ConversationLine {
    /// Whether something was read.
    public var wasOpened: Bool {
        switch content {
        case .message, .unreadable, .note, .tag, .task, .proposal: true
        case .closed, .erased, .damaged: false
        }
    }
}
