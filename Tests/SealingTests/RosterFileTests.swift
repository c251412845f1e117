import Testing

@testable import Sealing

@Suite struct RosterFileTests {
    @Test(arguments: [
        "", "[]", "{}", "{\"version\":1}", "{\"version\":1,\"entries\":[{}]}", "{\"version\":\"1\",\"entries\":[]}",
    ])
    func whatIsNoRosterIsRefused(_ json: String) {
        #expect {
            try Roster(decoding: Array(json.utf8))
        } throws: { error in
            if case RosterError.malformed = error { true } else { false }
        }
    }

    @Test func aNewerVersionIsRefusedBeforeAnythingElse() {
        #expect(throws: RosterError.unsupportedVersion(2)) {
            try Roster(decoding: Array("{\"version\":2,\"people\":{}}".utf8))
        }
        #expect(throws: RosterError.unsupportedVersion(3)) {
            try RosterPin(decoding: Array("{\"version\":3}".utf8))
        }
    }

    @Test func aPinComesBack() throws {
        let pin = RosterPin(first: Fixed.bytes(from: 1), seenSequence: 4, seenHash: Fixed.bytes(from: 2))
        #expect(try RosterPin(decoding: try pin.encoded()) == pin)
    }

    @Test func anEmptyRosterIsRefused() {
        let pin = RosterPin(first: Fixed.bytes(from: 1), seenSequence: 0, seenHash: Fixed.bytes(from: 1))
        #expect(throws: RosterError.empty) { try Roster(entries: []).verified(by: pin) }
    }

    @Test func missingFilesAreNamed() {
        #expect(throws: RosterError.missing(path: "/nowhere/pin")) {
            try VerifiedRoster.load(rosterPath: "/nowhere/roster", pinPath: "/nowhere/pin")
        }
    }

    @Test(arguments: ["", "Amina", "a b", "-a", "a-", "امينة", String(repeating: "a", count: 33)])
    func namesThatAreNotShortAreRefused(_ name: String) {
        #expect(MemberID(rawValue: name) == nil)
    }
}
