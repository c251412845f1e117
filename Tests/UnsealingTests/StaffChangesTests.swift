import Foundation
import Messaging
import Sealing
import Testing

@testable import Unsealing

/// A deployment of several people, in memory.
struct Office {
    var roster: Roster
    var keyring: ArchiveKeyring
    var people: [String: StaffKeys]
    let recovery: RecoveryKey

    /// `amina` coordinates; others as given.
    init(_ others: [(String, Role)] = [], wrapsWorkingKey: Bool = false) throws {
        let founding = try Founding(
            coordinator: Fixed.member(), passphrase: Passphrase("a passphrase for tests"),
            wrapsWorkingKey: wrapsWorkingKey, at: Fixed.date, scrypt: Fixed.cheap)
        roster = founding.roster
        keyring = founding.keyring
        recovery = founding.recoveryKey
        people = ["amina": try founding.keyFile.unlock(Passphrase("a passphrase for tests"))]
        for (name, role) in others {
            let keys = StaffKeys(id: try Fixed.member(name))
            try change { try $0.add(MemberRequest(keys), role: role) }
            people[name] = keys
        }
    }

    func keys(_ name: String) throws -> StaffKeys { try #require(people[name]) }

    func verified() throws -> VerifiedRoster { try roster.verified(by: RosterTests.pin(roster)) }

    func changes(by name: String = "amina", recovery: RecoveryKey? = nil) throws -> StaffChanges {
        try StaffChanges(
            roster: roster, pin: RosterTests.pin(roster), keyring: keyring, author: keys(name), recovery: recovery,
            at: Fixed.date)
    }

    /// Makes a change, and holds it against the rules by which the daemon takes it.
    @discardableResult
    mutating func change(
        by name: String = "amina", recovery: RecoveryKey? = nil, _ body: (inout StaffChanges) throws -> Void
    ) throws -> StaffChanges {
        var changes = try changes(by: name, recovery: recovery)
        try body(&changes)
        let after = try Roster(decoding: try changes.roster.encoded()).verified(by: RosterTests.pin(roster))
        #expect(after == changes.verified)
        let file = try KeyringFile(decoding: try changes.keyring.encoded())
        try KeyringRules.check(file, for: after, replacing: keyring.file, of: verified())
        roster = changes.roster
        keyring = changes.keyring
        return changes
    }

    func opened(by name: String) throws -> Set<Compartment> { try opened(by: keys(name)) }

    func opened(by keys: StaffKeys) throws -> Set<Compartment> {
        try keyring.unlock(keys, roster: verified()).compartments
    }

    func holding() throws -> KeyHolding { KeyHolding(roster: try verified(), keyring: keyring.file) }

    /// A segment sealed with the present keys.
    func segment(_ compartment: Compartment) throws -> SegmentKey {
        try ArchiveSealer(roster: verified()).makeSegment(
            contact: ContactID(1), day: ArchiveDay(daysSince1970: 1), compartment: compartment)
    }

    func opens(_ segment: SegmentKey, _ keys: StaffKeys) throws -> Bool {
        let opener = try keyring.unlock(keys, roster: verified())
        return (try? opener.open(segment.wrapped, segment: segment.segment)) != nil
    }
}

@Suite struct StaffChangesTests {
    @Test(arguments: Role.allCases)
    func aNewMemberOpensWhatTheirRoleReadsAndNothingElse(_ role: Role) throws {
        let office = try Office([("bilal", role)])
        #expect(try office.opened(by: "bilal") == role.readableCompartments)
        #expect(try office.opened(by: "amina") == Set(Compartment.allCases))
    }

    @Test func aNewMemberReadsWhatWasSealedBeforeUnderEveryGeneration() throws {
        var office = try Office()
        let old = try office.segment(.conversation)
        try office.change { try $0.rotate([.conversation]) }
        let new = try office.segment(.conversation)
        let bilal = StaffKeys(id: try Fixed.member("bilal"))
        try office.change { try $0.add(MemberRequest(bilal), role: .intern) }
        #expect(try office.opens(old, bilal))
        #expect(try office.opens(new, bilal))
        #expect(try !office.opens(try office.segment(.casework), bilal))
    }

    @Test func aLeaverOpensNothingThatIsSealedAfterwards() throws {
        var office = try Office([("bilal", .staff), ("carla", .staff)])
        let before = try office.segment(.casework)
        let keyringBefore = office.keyring
        let changes = try office.change { try $0.dismiss(try Fixed.member("bilal")) }
        #expect(changes.rotated == [.conversation, .desk, .casework])
        let after = try office.segment(.casework)
        let bilal = try office.keys("bilal")
        #expect(try !office.opens(after, bilal))
        // With a copy of the old keyring, what was sealed before opens still: that is said, not hidden.
        let opener = try keyringBefore.unlock(bilal, roster: office.verified())
        #expect((try? opener.open(before.wrapped, segment: before.segment)) != nil)
        #expect(throws: UnsealingError.self) { try opener.open(after.wrapped, segment: after.segment) }
        for name in ["amina", "carla"] {
            #expect(try office.opens(before, office.keys(name)))
            #expect(try office.opens(after, office.keys(name)))
        }
        #expect(try office.keyring.unlock(office.recovery, roster: office.verified()).compartments.count == 4)
        // What the leaver could not read has the key it had.
        #expect(try office.verified().currentArchiveKey(.payments)?.generation == 1)
    }

    @Test func aNarrowerRoleLosesAndAWiderOneGains() throws {
        var office = try Office([("bilal", .staff)])
        let changes = try office.change { try $0.changeRole(of: try Fixed.member("bilal"), to: .intern) }
        #expect(changes.rotated == [.casework])
        #expect(try office.opened(by: "bilal") == [.conversation, .desk])
        let back = try office.change { try $0.changeRole(of: try Fixed.member("bilal"), to: .coordinator) }
        #expect(back.rotated == [])
        #expect(try office.opened(by: "bilal") == Set(Compartment.allCases))
        #expect(try office.verified().members[try Fixed.member("bilal")]?.role == .coordinator)
    }

    @Test func newKeysReplaceTheOldOnes() throws {
        var office = try Office([("bilal", .intern)])
        let sealed = try office.segment(.desk)
        let forgotten = try office.keys("bilal")
        let new = StaffKeys(id: forgotten.id)
        let changes = try office.change { try $0.replaceKeys(try MemberRequest(new)) }
        #expect(changes.rotated == [])
        #expect(try office.opens(sealed, new))
        #expect(try office.opened(by: forgotten) == [])
        #expect(try office.holding().lacking(forgotten.id) == [])
    }

    @Test func aLostMachineRotatesToo() throws {
        var office = try Office([("bilal", .intern)])
        let old = office.keyring
        let lost = try office.keys("bilal")
        let new = StaffKeys(id: lost.id)
        let changes = try office.change { try $0.replaceKeys(try MemberRequest(new), machineLost: true) }
        #expect(changes.rotated == [.conversation, .desk])
        let after = try office.segment(.desk)
        let opener = try old.unlock(lost, roster: office.verified())
        #expect(throws: UnsealingError.self) { try opener.open(after.wrapped, segment: after.segment) }
        #expect(try office.opens(after, new))
    }

    /// Two coordinators; one forgets, and the other lacks what only the first had.
    @Test func whatNobodyElseHoldsComesBackWithTheRecoveryWordsOnly() throws {
        var office = try Office([("bilal", .coordinator)])
        let payments = try #require(try office.verified().currentArchiveKey(.payments))
        let amina = try office.keys("amina")
        let bilalID = KeyID(publicKey: try office.keys("bilal").sealingPublicKey)
        var file = office.keyring.file
        file.archive.removeAll { $0.key == payments.id && $0.recipient == bilalID }
        office.keyring = ArchiveKeyring(file)
        #expect(try office.holding().soleCompartments(of: amina.id) == [.payments])
        #expect(try office.holding().lacking(try Fixed.member("bilal")) == [payments])

        let new = StaffKeys(id: amina.id)
        var without = office
        try without.change(by: "bilal") { try $0.replaceKeys(try MemberRequest(new)) }
        #expect(try without.opened(by: new) == [.conversation, .desk, .casework])
        #expect(try without.holding().heldByNobody.map(\.key) == [payments])
        #expect(try without.holding().heldByNobody.allSatisfy(\.isRecoverable))

        try office.change(by: "bilal", recovery: office.recovery) { try $0.replaceKeys(try MemberRequest(new)) }
        #expect(try office.opened(by: new) == Set(Compartment.allCases))
        #expect(try office.opened(by: "bilal") == Set(Compartment.allCases))
    }

    @Test func anotherRecoveryKeyOpensAllAndTheOldOneNothing() throws {
        var office = try Office([("bilal", .staff)])
        try office.change { try $0.rotate(Set(Compartment.allCases)) }
        let new = try RecoveryKey()
        try office.change { try $0.replaceRecoveryKey(with: new) }
        #expect(try office.keyring.unlock(new, roster: office.verified()).publicKeys.count == 8)
        #expect(try office.keyring.unlock(office.recovery, roster: office.verified()).publicKeys.isEmpty)
    }

    @Test func aRecoveryKeyThatWouldOpenLessIsNotMade() throws {
        var office = try Office()
        let payments = try #require(try office.verified().currentArchiveKey(.payments))
        let own = KeyID(publicKey: try office.keys("amina").sealingPublicKey)
        var file = office.keyring.file
        file.archive.removeAll { $0.key == payments.id && $0.recipient == own }
        office.keyring = ArchiveKeyring(file)
        var changes = try office.changes()
        #expect(throws: StaffChangeError.lacksKeys([.payments])) {
            try changes.replaceRecoveryKey(with: try RecoveryKey())
        }
        // Nor can they hand on what they do not have.
        let request = try MemberRequest(StaffKeys(id: try Fixed.member("bilal")))
        #expect(throws: StaffChangeError.lacksKeys([.payments])) { try changes.add(request, role: .finance) }
        #expect(throws: Never.self) { try changes.add(request, role: .intern) }
    }

    @Test func nothingIsWrappedForSomeoneOutsideOfTheRoster() throws {
        var office = try Office([("bilal", .staff), ("carla", .intern)], wrapsWorkingKey: true)
        try office.change { try $0.dismiss(try Fixed.member("bilal")) }
        try office.change { try $0.changeRole(of: try Fixed.member("carla"), to: .auditor) }
        let allowed = Set(
            [try office.keys("amina").sealingPublicKey, office.recovery.publicKey].map(KeyID.init(publicKey:)))
        #expect(Set(office.keyring.file.archive.map(\.recipient)) == allowed)
        #expect(Set(office.keyring.file.working.map(\.recipient)) == allowed)
    }

    @Test func theWorkingKeyGoesToCoordinatorsAndStaff() throws {
        var office = try Office(
            [("bilal", .staff), ("carla", .intern), ("dunya", .coordinator)], wrapsWorkingKey: true)
        let roster = try office.verified()
        let key = try #require(try office.keyring.unlockWorkingKey(office.recovery, roster: roster))
        #expect(key.count == WorkingKey.byteCount)
        for name in ["amina", "bilal", "dunya"] {
            #expect(try office.keyring.unlockWorkingKey(office.keys(name), roster: roster) == key)
        }
        #expect(try office.keyring.unlockWorkingKey(office.keys("carla"), roster: roster) == nil)
        try office.change { try $0.changeRole(of: try Fixed.member("carla"), to: .staff) }
        try office.change { try $0.changeRole(of: try Fixed.member("bilal"), to: .intern) }
        #expect(try office.keyring.unlockWorkingKey(office.keys("carla"), roster: office.verified()) == key)
        #expect(try office.keyring.unlockWorkingKey(office.keys("bilal"), roster: office.verified()) == nil)
    }

    @Test func whoMayNotIsToldWhy() throws {
        var office = try Office([("bilal", .staff)])
        #expect(throws: StaffChangeError.notCoordinator(try Fixed.member("bilal"), .staff)) {
            try office.changes(by: "bilal")
        }
        office.people["amina"] = StaffKeys(id: try Fixed.member())
        #expect(throws: StaffChangeError.notYou(try Fixed.member())) { try office.changes() }
    }

    @Test func aSubstitutedRosterIsRefused() throws {
        let office = try Office()
        let other = try Office()
        #expect(throws: StaffChangeError.roster(.notPinned)) {
            try StaffChanges(
                roster: other.roster, pin: RosterTests.pin(office.roster), keyring: office.keyring,
                author: office.keys("amina"), at: Fixed.date)
        }
    }

    @Test func changesThatCannotBeAreRefused() throws {
        var office = try Office([("bilal", .staff), ("carla", .intern)])
        try office.change { try $0.dismiss(try Fixed.member("carla")) }
        var changes = try office.changes()
        let amina = try Fixed.member()
        let bilal = try Fixed.member("bilal")
        let carla = try Fixed.member("carla")
        let nobody = try Fixed.member("nobody")
        func request(_ id: MemberID) throws -> MemberRequest { try MemberRequest(StaffKeys(id: id)) }
        #expect(throws: StaffChangeError.isMember(bilal)) { try changes.add(try request(bilal), role: .intern) }
        #expect(throws: StaffChangeError.hasLeft(carla)) { try changes.add(try request(carla), role: .intern) }
        #expect(throws: StaffChangeError.hasLeft(carla)) { try changes.replaceKeys(try request(carla)) }
        #expect(throws: StaffChangeError.noMember(nobody)) { try changes.replaceKeys(try request(nobody)) }
        #expect(throws: StaffChangeError.yourself) { try changes.replaceKeys(try request(amina)) }
        #expect(throws: StaffChangeError.yourself) { try changes.dismiss(amina) }
        #expect(throws: StaffChangeError.yourself) { try changes.changeRole(of: amina, to: .staff) }
        #expect(throws: StaffChangeError.noMember(carla)) { try changes.dismiss(carla) }
        #expect(throws: StaffChangeError.noMember(nobody)) { try changes.changeRole(of: nobody, to: .staff) }
        for body: (inout StaffChanges) throws -> Void in [
            { try $0.changeRole(of: bilal, to: .staff) }, { try $0.rotate([]) },
            { try $0.replaceKeys(try MemberRequest(try office.keys("bilal"))) },
        ] {
            #expect {
                try body(&changes)
            } throws: { error in
                if case StaffChangeError.nothingToDo = error { true } else { false }
            }
        }
        #expect(changes.roster == office.roster, "what was refused left nothing behind")
        // Keys that belonged to someone else before.
        #expect(throws: StaffChangeError.self) {
            try changes.add(try MemberRequest(StaffKeys(id: nobody, secret: office.keys("bilal").secret)), role: .staff)
        }
    }
}
