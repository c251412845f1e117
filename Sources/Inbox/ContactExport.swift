import Foundation
import Sealing
import StaffProtocol

/// A copy of what is kept about a person, for that person: readable without any program of ours.
public struct ContactExport: Sendable {
    private let connection: StaffConnection

    public init(_ connection: StaffConnection) { self.connection = connection }

    /// Fetches and opens a contact's records.
    ///
    /// - Parameter kinds: messages in any case; notes, tags and tasks when whoever answers the request
    ///   has decided that they belong to the copy.
    /// - Throws: `ForeignRecords` when something of another person's is among them: the copy leaves the house.
    public func fetch(
        _ contact: Int64, including kinds: Set<SealedItem.Kind> = [], at date: Date = Date()
    ) async throws -> ContactCopy {
        let (records, lines) = try await opened(contact, kinds)
        var copy = ContactCopy(records, lines: lines, madeAt: date)
        for (other, isRecognised) in try await others(records) {
            guard isRecognised else {
                copy.leftOut.append(other)
                continue
            }
            let (records, lines) = try await opened(other, kinds)
            copy.add(ContactCopy(records, lines: lines, madeAt: date))
        }
        return copy
    }

    /// The other contacts of the same person, and whether a member knew them by their voice on both addresses: what
    /// somebody wrote who only knows the words of a card is not the person's to be given.
    private func others(_ records: ContactRecords) async throws -> [(contact: Int64, isRecognised: Bool)] {
        var others: [(contact: Int64, isRecognised: Bool)] = []
        for row in records.conversations {
            for id in row.person?.conversations ?? [] {
                let other = try await connection.conversation(id, limit: 1).row
                let isRecognised = !(row.person?.isUnrecognised ?? true) && !(other.person?.isUnrecognised ?? true)
                if !others.contains(where: { $0.contact == other.contact }) {
                    others.append((other.contact, isRecognised))
                }
            }
        }
        return others
    }

    private func opened(
        _ contact: Int64, _ kinds: Set<SealedItem.Kind>
    ) async throws -> (ContactRecords, [ConversationLine]) {
        let records = try await connection.contactRecords(contact)
        let foreign = records.conversations.first { $0.contact != contact }
        guard records.contact == contact, foreign == nil else {
            throw ForeignRecords(asked: "contact \(contact)", got: "contact \(foreign?.contact ?? records.contact)")
        }
        let opener = ConversationOpener(keys: connection.keys, role: try await connection.role())
        let wanted = kinds.union([.message, .unreadable])
        let items = records.items.filter { wanted.contains($0.kind) }
        let lines = try await opener.open(items, records.segments, contact: contact)
        if let line = lines.first(where: { $0.doubts.contains(.contact) }) {
            throw ForeignRecords(asked: "contact \(contact)", got: "\(line.id), sealed for another contact")
        }
        for conversation in records.conversations {
            let count = lines.count { $0.wasOpened && $0.item.conversation == conversation.conversation }
            guard count > 0 else { continue }
            try await connection.reportOpened(
                OpenedReport(conversation: conversation.conversation, items: Int64(count)))
        }
        return (records, lines)
    }
}

/// What a person is given.
public struct ContactCopy: Sendable, Equatable, Codable {
    public static let format = "sila contact copy"
    public static let version = 1

    /// One thing that was written.
    public struct Entry: Sendable, Equatable, Codable {
        /// ISO 8601, UTC.
        public var at: String
        /// `you`, `bot`, `helpline`. Staff are not named.
        public var from: String
        /// `message`, `unreadable`, `note`, `tag`, `task`, `proposal`.
        public var kind: String
        /// What it says; empty when it could not be opened.
        public var text: String
        public var channel: String
        /// `end-to-end` or `none`; empty when it says nothing.
        public var protection: String
        /// Why there is no text; empty when there is.
        public var missing: String
    }

    public var format: String
    public var version: Int
    public var contact: Int64
    public var madeAt: String
    /// Since when the person is known here.
    public var knownSince: String
    /// As the person gave them.
    public var addresses: [String]
    /// Oldest first.
    public var entries: [Entry]
    /// Contacts who are told to be the same person, and whom nobody knew by their voice yet: nothing of theirs is here.
    public internal(set) var leftOut: [Int64] = []

    /// What the person wrote from another address of theirs.
    mutating func add(_ other: ContactCopy) {
        addresses += other.addresses
        entries = (entries + other.entries).sorted { $0.at < $1.at }
        knownSince = min(knownSince, other.knownSince)
    }

    private enum CodingKeys: String, CodingKey {
        case format, version, contact, madeAt, knownSince, addresses, entries
    }

    init(_ records: ContactRecords, lines: [ConversationLine], madeAt: Date) {
        format = Self.format
        version = Self.version
        contact = records.contact
        self.madeAt = madeAt.formatted(.iso8601)
        knownSince = Date(milliseconds: records.createdAt).formatted(.iso8601)
        addresses = records.addresses
        let channels = Dictionary(
            records.conversations.map { ($0.conversation, $0.channel) }, uniquingKeysWith: { first, _ in first })
        entries = lines.sorted { ($0.at, $0.item.position) < ($1.at, $1.item.position) }.map { line in
            Entry(
                at: line.at.formatted(.iso8601), from: line.from, kind: line.item.kind.rawValue,
                text: line.missing.isEmpty ? line.text ?? "" : "",
                channel: channels[line.item.conversation] ?? "", protection: line.protection?.rawValue ?? "",
                missing: line.missing)
        }
    }

    /// For other programs: fields in a fixed order.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

extension ConversationLine {
    fileprivate var from: String {
        switch author {
        case .contact: "you"
        case .bot: "bot"
        case .member, .unknown: "helpline"
        }
    }

    fileprivate var missing: String {
        // Whose words they are is what such a copy must not get wrong.
        guard doubts.isEmpty else { return "what was sealed and what the server says of it do not agree" }
        return switch content {
        case .message, .note, .tag, .task, .proposal: ""
        case .unreadable: "it could not be read when it arrived"
        case .closed: "it is kept where the one who made this copy cannot read"
        case .erased: "it was erased"
        case .damaged: "the record is damaged"
        }
    }
}
