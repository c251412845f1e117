import Crypto
import Foundation
import Messaging
import Testing

@testable import Sealing

@Suite struct SegmentTests {
    /// RFC 9180 appendix A.2.1 (base mode) and A.2.1.1, sequence number 0.
    @Test func theSuiteIsTheOneOfRFC9180() throws {
        let key = try Curve25519.KeyAgreement.PrivateKey(
            rawRepresentation: Fixed.hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"))
        var recipient = try HPKE.Recipient(
            privateKey: key, ciphersuite: HPKESuite.suite,
            info: Data(Fixed.hex("4f6465206f6e2061204772656369616e2055726e")),
            encapsulatedKey: Data(
                Fixed.hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")))
        let plaintext = try recipient.open(
            Fixed.hex(
                "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"),
            authenticating: Array("Count-0".utf8))
        #expect(String(decoding: plaintext, as: UTF8.self) == "Beauty is truth, truth beauty")
    }

    @Test func keyIDsAreTheKnownOnes() throws {
        let key = try ArchivePublicKey(
            compartment: .conversation, generation: 1, publicKey: Fixed.hex(Fixed.archivePublicKey))
        #expect(key.id.description == "76e74845bb3987e225d90a19b8df8bbc")
    }

    @Test func aSegmentNamesItsArchiveKey() throws {
        let first = try ArchivePublicKey(
            compartment: .desk, generation: 1, publicKey: Fixed.hex(Fixed.archivePublicKey))
        let second = try ArchivePublicKey(
            compartment: .desk, generation: 2,
            publicKey: Array(Curve25519.KeyAgreement.PrivateKey().publicKey.rawRepresentation))
        for keys in [[first, second], [second, first]] {
            let segment = try ArchiveSealer(keys: keys).makeSegment(
                contact: ContactID(1), day: ArchiveDay(daysSince1970: 1), compartment: .desk)
            #expect(segment.wrapped.archiveKey == second.id)
            #expect(segment.wrapped.bytes.count == 97)
            #expect(segment.segment.contact == ContactID(1))
        }
    }

    @Test func eachSegmentIsNew() throws {
        let key = try ArchivePublicKey(
            compartment: .desk, generation: 1, publicKey: Fixed.hex(Fixed.archivePublicKey))
        let sealer = ArchiveSealer(keys: [key])
        let segments = try (0..<2).map { _ in
            try sealer.makeSegment(contact: ContactID(1), day: ArchiveDay(daysSince1970: 1), compartment: .desk)
        }
        #expect(segments[0].segment.id != segments[1].segment.id)
        #expect(segments[0].wrapped != segments[1].wrapped)
    }

    @Test func aCompartmentWithoutKeyIsRefused() throws {
        let sealer = ArchiveSealer(keys: [])
        let error = #expect(throws: SealingError.self) {
            try sealer.makeSegment(contact: ContactID(1), day: ArchiveDay(daysSince1970: 1), compartment: .payments)
        }
        #expect(error == .noArchiveKey(.payments))
        #expect(error?.description.contains("'payments'") == true)
    }

    @Test func foreignWrappedKeysAreRefused() {
        var bytes = Fixed.hex(Fixed.wrapped)
        #expect(throws: SealingError.malformed(format: "wrapped segment key", reason: "it is empty")) {
            try WrappedSegment(bytes: [])
        }
        #expect(throws: SealingError.malformed(format: "wrapped segment key", reason: "it has 96 bytes instead of 97"))
        {
            try WrappedSegment(bytes: bytes.dropLast())
        }
        bytes[0] = 9
        let error = #expect(throws: SealingError.self) { try WrappedSegment(bytes: bytes) }
        #expect(error == .unsupportedVersion(format: "wrapped segment key", found: 9))
        #expect(error?.description.contains("Update Sila") == true)
    }

    @Test func keysOfTheWrongFormAreRefused() {
        #expect(throws: SealingError.self) {
            try ArchivePublicKey(compartment: .desk, generation: 1, publicKey: [1, 2, 3])
        }
        #expect(throws: SealingError.self) {
            try ArchivePublicKey(compartment: .desk, generation: 0, publicKey: Fixed.hex(Fixed.archivePublicKey))
        }
        #expect(throws: SealingError.self) { try SegmentID(bytes: [1]) }
        #expect(throws: SealingError.self) { try KeyID(bytes: [1]) }
    }

    @Test func rawValuesOfCompartmentsNeverChange() {
        #expect(Compartment.allCases.map(\.rawValue) == ["conversation", "desk", "casework", "payments"])
    }
}
