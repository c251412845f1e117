import Foundation
import Messaging
import Sealing
import StaffProtocol

/// Seals what a member writes, to the archive keys of the verified roster: one segment for each
/// contact, day and compartment in this process.
public actor StaffSealer {
    private struct Place: Hashable {
        let contact: Int64
        let compartment: Compartment
    }

    private let now: @Sendable () -> Date
    private var sealer: ArchiveSealer
    private var roster: VerifiedRoster
    private var day: ArchiveDay
    private var segments: [Place: SegmentKey] = [:]

    public init(roster: VerifiedRoster, now: @escaping @Sendable () -> Date = { Date() }) {
        self.roster = roster
        self.now = now
        sealer = ArchiveSealer(roster: roster)
        day = ArchiveDay(now())
    }

    /// After an event `roster`: nothing is sealed to an old archive key.
    public func use(_ roster: VerifiedRoster) {
        guard roster != self.roster else { return }
        self.roster = roster
        sealer = ArchiveSealer(roster: roster)
        segments = [:]
    }

    /// Seals an entry for a contact, under a new random token.
    ///
    /// Throws `SealingError`, or `APIError.forbidden` when this author may not write there.
    public func seal(
        _ record: EntryRecord, contact: Int64, compartment: Compartment, assignee: MemberID? = nil,
        due: ArchiveDay? = nil
    ) throws -> NewEntry {
        guard let role = roster.members[record.author]?.role, role.writableCompartments.contains(compartment) else {
            throw APIError(.forbidden, "Your role may not write to '\(compartment.rawValue)'.")
        }
        let token = Randomness.system.bytes(16)
        let key = try segment(contact, compartment)
        let sealed = try key.seal(record.encoded(), kind: record.kind.recordKind, record: .token(token))
        return NewEntry(
            kind: record.kind.itemKind, segment: SealedSegment(key), token: Data(token), sealed: Data(sealed),
            assignee: assignee?.rawValue, due: due?.daysSince1970)
    }

    private func segment(_ contact: Int64, _ compartment: Compartment) throws -> SegmentKey {
        let today = ArchiveDay(now())
        if today != day {
            day = today
            segments = [:]
        }
        let place = Place(contact: contact, compartment: compartment)
        if let segment = segments[place] { return segment }
        let segment = try sealer.makeSegment(contact: ContactID(contact), day: today, compartment: compartment)
        segments[place] = segment
        return segment
    }
}

extension SealedSegment {
    /// As a segment key goes into the archive.
    public init(_ key: SegmentKey) {
        self.init(
            token: Data(key.segment.id.bytes), contact: key.segment.contact.rawValue,
            day: key.segment.day.daysSince1970, compartment: key.segment.compartment, wrapped: Data(key.wrapped.bytes))
    }
}

extension EntryRecord.Kind {
    /// As the staff API names it.
    public var itemKind: SealedItem.Kind {
        switch self {
        case .note: .note
        case .tag: .tag
        case .task: .task
        case .proposal: .proposal
        }
    }
}
