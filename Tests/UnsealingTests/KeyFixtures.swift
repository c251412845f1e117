import Foundation
import Messaging
import Sealing

@testable import Unsealing

/// The fixed keys of the known-answer tests, and cheap passphrase parameters.
enum Fixed {
    static func bytes(from first: UInt8, count: Int = 32) -> [UInt8] { (0..<count).map { first + UInt8($0) } }
    static func hex(_ text: String) -> [UInt8] { Hexadecimal.decode(text) ?? [] }

    static let date = Date(milliseconds: 1_795_227_657_466)

    static func member(_ name: String = "amina") throws -> MemberID {
        guard let id = MemberID(rawValue: name) else { throw UnsealingError.internalFailure("name") }
        return id
    }

    static func keys() throws -> StaffKeys {
        try StaffKeys(id: member(), secret: bytes(from: 0x20) + bytes(from: 0x30))
    }

    static func recoveryKey(from first: UInt8 = 0x50) throws -> RecoveryKey {
        var bytes = bytes(from: first)
        return try RecoveryKey(secret: SecretBytes(wiping: &bytes))
    }

    static func archiveKey() throws -> ArchivePrivateKey {
        var bytes = bytes(from: 0x01)
        return try ArchivePrivateKey(
            publicKey: ArchivePublicKey(
                compartment: .conversation, generation: 1,
                publicKey: hex("07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c")),
            secret: SecretBytes(wiping: &bytes))
    }

    static let cheap = ScryptParameters(
        salt: bytes(from: 0xd0, count: 16), rounds: 1024, blockSize: 8, parallelism: 1)

    static func founding(_ name: String = "amina") throws -> Founding {
        try Founding(
            coordinator: member(name), passphrase: Passphrase("a passphrase for tests"), at: date, scrypt: cheap)
    }

    static func segment(
        id: UInt8 = 0x10, contact: Int64 = 7, day: Int32 = 20778, compartment: Compartment = .conversation
    ) throws -> SegmentDescription {
        SegmentDescription(
            id: try SegmentID(bytes: bytes(from: id, count: 16)), contact: ContactID(contact),
            day: ArchiveDay(daysSince1970: day), compartment: compartment)
    }
}
