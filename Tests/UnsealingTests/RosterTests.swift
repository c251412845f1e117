import Foundation
import Sealing
import Testing

@testable import Unsealing

@Suite struct RosterTests {
    static func founded() throws -> Roster {
        let keys = try Fixed.keys()
        return try keys.foundRoster(
            .found(
                deployment: Fixed.bytes(from: 0xc0, count: 16), coordinator: keys.member(role: .coordinator),
                recoveryKey: Fixed.recoveryKey().publicKey),
            at: Fixed.date)
    }

    static func adding(_ statements: [RosterStatement]) throws -> Roster {
        try statements.reduce(founded()) { try Fixed.keys().append($1, to: $0, at: Fixed.date) }
    }

    /// A pin that has seen the first entry only.
    static func pin(_ roster: Roster) throws -> RosterPin {
        guard let first = roster.entries.first else { throw RosterError.empty }
        return RosterPin(first: first.hash, seenSequence: 0, seenHash: first.hash)
    }

    static func roster(adding statements: [RosterStatement]) throws -> VerifiedRoster {
        let roster = try adding(statements)
        return try roster.verified(by: pin(roster))
    }

    static func archiveKey(_ compartment: Compartment, _ generation: UInt32) throws -> RosterStatement {
        .archiveKey(try ArchivePrivateKey(compartment: compartment, generation: generation).publicKey)
    }

    static func newMember(_ name: String, _ role: Role) throws -> RosterMember {
        StaffKeys(id: try Fixed.member(name)).member(role: role)
    }

    @Test func signatureAndHashAreTheKnownOnes() throws {
        let entry = try #require(Self.founded().entries.first)
        #expect(
            Hexadecimal.encode(entry.signature)
                == "14d86daa718e902b6670a89494f378a3bfa3a85e5f00a9cd953519b6834d2e7ce5e30c1a9022512d54c50132bc09bfe9"
                + "0b880e2645501e03ebaab92c2b6f1f02")
        #expect(
            Hexadecimal.encode(entry.hash) == "05fa162b805541102a83b3d8be9fde76605bd530679618d6b78e2b4b174c2255")
    }

    @Test func aRosterComesBackFromItsFile() throws {
        let member = try Self.newMember("bilal", .intern)
        let roster = try Self.adding([
            try Self.archiveKey(.desk, 1), .admit(member), .dismiss(member.id), .recoveryKey(Fixed.bytes(from: 9)),
        ])
        let read = try Roster(decoding: try roster.encoded())
        #expect(read == roster)
        #expect(throws: Never.self) { try read.verified(by: try Self.pin(roster)) }
    }

    @Test func theNewestArchiveKeyIsUsedAndTheOldOnesAreKept() throws {
        let verified = try Self.roster(adding: [
            try Self.archiveKey(.desk, 1), try Self.archiveKey(.payments, 1), try Self.archiveKey(.desk, 2),
        ])
        #expect(verified.archiveKeys.count == 3)
        #expect(verified.currentArchiveKey(.desk)?.generation == 2)
        #expect(verified.currentArchiveKeys.map(\.compartment) == [.desk, .payments])
    }

    @Test func anotherRosterIsRefused() throws {
        let other = try Fixed.founding()
        #expect(throws: RosterError.notPinned) { try other.roster.verified(by: try Self.pin(try Self.founded())) }
    }

    @Test func anOldCopyIsRefused() throws {
        let roster = try Self.adding([try Self.archiveKey(.desk, 1)])
        let pin = try roster.verified(by: try Self.pin(roster)).pin
        let old = Roster(entries: Array(roster.entries.dropLast()))
        #expect(throws: RosterError.rolledBack(seen: 2, found: 1)) { try old.verified(by: pin) }
        // Another second entry, correctly signed, where one was seen already.
        let forked = try Self.adding([try Self.archiveKey(.desk, 1)])
        #expect(throws: RosterError.rewritten(sequence: 1)) { try forked.verified(by: pin) }
    }

    @Test(arguments: [Int64.min, -1, 1, Int64.max])
    func aPinBeyondTheRosterIsRefused(_ sequence: Int64) throws {
        let roster = try Self.founded()
        let hash = try Self.pin(roster).first
        let pin = RosterPin(first: hash, seenSequence: sequence, seenHash: hash)
        #expect {
            try roster.verified(by: pin)
        } throws: { error in
            if case RosterError.rolledBack = error { true } else { false }
        }
    }

    /// A flipped bit in the file changes nothing that counts, or is refused.
    @Test func noFlippedBitOfTheFileGetsThrough() throws {
        let roster = try Self.founded()
        let pin = try Self.pin(roster)
        let bytes = try roster.encoded()
        var refused = 0
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= UInt8(1 << (index % 7))
            if let read = try? Roster(decoding: altered), (try? read.verified(by: pin)) != nil {
                #expect(read == roster, "byte \(index)")
            } else {
                refused += 1
            }
        }
        #expect(refused > bytes.count / 2)
    }

    @Test func aChangedValueBreaksItsSignature() throws {
        let roster = try Self.adding([try Self.archiveKey(.desk, 1)])
        let last = try #require(roster.entries.last)
        let altered = RosterEntry(
            sequence: 1, previous: last.previous, at: last.at, author: last.author,
            statement: try Self.archiveKey(.desk, 1), signature: last.signature)
        let changed = Roster(entries: [roster.entries[0], altered])
        #expect(throws: RosterError.badSignature(sequence: 1)) { try changed.verified(by: try Self.pin(roster)) }
        let redated = RosterEntry(
            sequence: 1, previous: last.previous, at: last.at + 1, author: last.author, statement: last.statement,
            signature: last.signature)
        #expect(throws: RosterError.badSignature(sequence: 1)) {
            try Roster(entries: [roster.entries[0], redated]).verified(by: try Self.pin(roster))
        }
    }

    @Test func removedAndMovedEntriesAreFound() throws {
        let roster = try Self.adding([
            try Self.archiveKey(.desk, 1), try Self.archiveKey(.payments, 1), try Self.archiveKey(.casework, 1),
        ])
        let entries = roster.entries
        for altered in [[entries[0], entries[2]], [entries[0], entries[2], entries[1]], [entries[0], entries[0]]] {
            #expect(throws: RosterError.brokenChain(sequence: 1)) {
                try Roster(entries: altered).verified(by: try Self.pin(roster))
            }
        }
    }

    @Test func onlyCoordinatorsMaySign() throws {
        let intern = StaffKeys(id: try Fixed.member("bilal"))
        let roster = try Self.adding([.admit(intern.member(role: .intern))])
        let signed = try intern.append(.dismiss(try Fixed.member()), to: roster, at: Fixed.date)
        #expect {
            try signed.verified(by: try Self.pin(roster))
        } throws: { error in
            if case RosterError.rule(sequence: 2, _) = error { true } else { false }
        }
        let stranger = StaffKeys(id: try Fixed.member("stranger"))
        let foreign = try stranger.append(try Self.archiveKey(.desk, 1), to: roster, at: Fixed.date)
        #expect(throws: RosterError.self) { try foreign.verified(by: try Self.pin(roster)) }
        // Someone else's keys under the coordinator's name.
        let impostor = StaffKeys(id: try Fixed.member())
        let forged = try impostor.append(try Self.archiveKey(.desk, 1), to: roster, at: Fixed.date)
        #expect(throws: RosterError.badSignature(sequence: 2)) { try forged.verified(by: try Self.pin(roster)) }
    }

    @Test func aDismissedCoordinatorSignsNoMore() throws {
        let second = StaffKeys(id: try Fixed.member("bilal"))
        var roster = try Self.adding([.admit(second.member(role: .coordinator))])
        roster = try second.append(.dismiss(try Fixed.member()), to: roster, at: Fixed.date)
        #expect(throws: Never.self) { try roster.verified(by: try Self.pin(roster)) }
        roster = try Fixed.keys().append(try Self.archiveKey(.desk, 1), to: roster, at: Fixed.date)
        #expect(throws: RosterError.self) { try roster.verified(by: try Self.pin(roster)) }
    }

    @Test func forbiddenStatementsAreRefused() throws {
        let member = try Self.newMember("bilal", .staff)
        let key = try ArchivePrivateKey(compartment: .desk, generation: 1).publicKey
        let reused = try ArchivePublicKey(compartment: .payments, generation: 1, publicKey: key.publicKey)
        let forbidden: [[RosterStatement]] = [
            [.dismiss(try Fixed.member())],  // the last coordinator
            [.dismiss(try Fixed.member("nobody"))],
            [.admit(try Fixed.keys().member(role: .staff))],  // the last coordinator steps down
            [.admit(member), .dismiss(member.id), .admit(try Self.newMember("bilal", .staff))],
            [
                .admit(member),
                .admit(
                    RosterMember(
                        id: try Fixed.member("carla"), role: .staff, signingKey: member.signingKey,
                        sealingKey: Fixed.bytes(from: 3))),
            ],
            [try Self.archiveKey(.desk, 2)],
            [.archiveKey(key), try Self.archiveKey(.desk, 1)],
            [.archiveKey(key), .archiveKey(reused)],
            [.recoveryKey([1, 2, 3])],
            [try #require(Self.founded().entries.first).statement],
        ]
        for statements in forbidden {
            #expect {
                try Self.roster(adding: statements)
            } throws: { error in
                if case RosterError.rule = error { true } else { false }
            }
        }
    }

    @Test func aMemberMayChangeRoleAndKeys() throws {
        let member = try Self.newMember("bilal", .intern)
        let promoted = RosterMember(
            id: member.id, role: .staff, signingKey: member.signingKey, sealingKey: member.sealingKey)
        let rekeyed = try Self.newMember("bilal", .staff)
        #expect(try Self.roster(adding: [.admit(member), .admit(promoted)]).members[member.id] == promoted)
        #expect(try Self.roster(adding: [.admit(member), .admit(rekeyed)]).members[member.id] == rekeyed)
    }

    @Test func theFingerprintCanBeSaidAloud() throws {
        let words = try Self.roster(adding: []).fingerprint.split(separator: "-")
        #expect(words.count == 5)
        #expect(words.allSatisfy { Proquint.value($0) != nil })
    }
}
