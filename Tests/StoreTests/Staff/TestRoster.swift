import Crypto
import Foundation
import Sealing

/// A roster of one coordinator, signed.
func testRoster() throws -> VerifiedRoster {
    let signing = Curve25519.Signing.PrivateKey()
    guard let id = MemberID(rawValue: "noor") else { throw RosterError.empty }
    let coordinator = RosterMember(
        id: id, role: .coordinator, signingKey: Array(signing.publicKey.rawRepresentation),
        sealingKey: Array(Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation))
    let statement = RosterStatement.found(
        deployment: [UInt8](repeating: 1, count: 16), coordinator: coordinator,
        recoveryKey: Array(Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation))
    let at = Date(timeIntervalSince1970: 1_700_000_000)
    let bytes = RosterEntry.signedBytes(
        sequence: 0, previous: RosterEntry.noPrevious, at: at, author: id, statement: statement)
    let entry = RosterEntry(
        sequence: 0, previous: RosterEntry.noPrevious, at: at, author: id, statement: statement,
        signature: Array(try signing.signature(for: bytes)))
    let pin = RosterPin(first: entry.hash, seenSequence: 0, seenHash: entry.hash)
    return try Roster(entries: [entry]).verified(by: pin)
}
