import Foundation
import Sealing
import Testing

@testable import Unsealing

@Suite struct MemberRequestTests {
    @Test func comesBackFromItsStoredForm() throws {
        let request = try MemberRequest(try Fixed.keys())
        #expect(try MemberRequest(decoding: try request.encoded()) == request)
        #expect(request.fingerprint == (try Fixed.keys().member(role: .intern)).fingerprint)
    }

    /// The words depend on name and both keys.
    @Test func theFingerprintIsTheKnownOne() throws {
        #expect(try MemberRequest(try Fixed.keys()).fingerprint == "gifok-vuvak-sokol-dasol-pabab")
        let other = try StaffKeys(id: Fixed.member("bilal"), secret: Fixed.keys().secret)
        #expect(try MemberRequest(other).fingerprint != (try MemberRequest(try Fixed.keys()).fingerprint))
    }

    @Test func fingerprintsAreComparedAsPeopleTypeThem() {
        #expect(MemberFingerprint.matches(" Lusab  babad\nGUTIH ", "lusab-babad-gutih"))
        #expect(!MemberFingerprint.matches("lusab babad", "lusab-babad-gutih"))
        #expect(!MemberFingerprint.matches("", "lusab-babad-gutih"))
    }

    @Test func noFlippedBitGetsThrough() throws {
        let request = try MemberRequest(try Fixed.keys())
        let bytes = try request.encoded()
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= UInt8(1 << (index % 7))
            if let read = try? MemberRequest(decoding: altered) { #expect(read == request, "byte \(index)") }
        }
    }

    @Test func anothersSignatureIsRefused() throws {
        let amina = String(decoding: try MemberRequest(try Fixed.keys()).encoded(), as: UTF8.self)
        let other = try MemberRequest(StaffKeys(id: try Fixed.member()))
        let own = Data(try MemberRequest(try Fixed.keys()).signature).base64EncodedString()
        let forged = amina.replacingOccurrences(of: own, with: Data(other.signature).base64EncodedString())
        #expect(forged != amina)
        #expect {
            try MemberRequest(decoding: Array(forged.utf8))
        } throws: { error in
            if case StaffChangeError.request(let reason) = error { reason.contains("signature") } else { false }
        }
        let renamed = amina.replacingOccurrences(of: "\"amina\"", with: "\"bilal\"")
        #expect(renamed != amina)
        #expect(throws: StaffChangeError.self) { try MemberRequest(decoding: Array(renamed.utf8)) }
    }

    @Test(arguments: ["", "{}", "null", "{\"version\": 2}", "{\"version\": 1}", "[1]"])
    func whatIsNoRequestIsRefused(_ text: String) {
        #expect(throws: StaffChangeError.self) { try MemberRequest(decoding: Array(text.utf8)) }
    }

    @Test func aHugeFileIsNotRead() {
        #expect(throws: StaffChangeError.self) {
            try MemberRequest(decoding: [UInt8](repeating: 0x20, count: MemberRequest.limit + 1))
        }
    }
}
