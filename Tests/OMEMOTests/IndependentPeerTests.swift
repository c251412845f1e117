import Foundation
import SignalProtocol
import Testing
import XMPP

@testable import OMEMO

/// The first message of an independent implementation (the Python package Oldmemo 2.1.0), recorded
/// with the keys of the device it was written to.
@Suite struct IndependentPeerTests {
    private static func bytes(_ base64: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: base64))) }

    private func receiver() throws -> OMEMOEngine {
        let store = InMemoryOMEMOStore()
        let identity = ECKeyPair(
            publicKey: try ECPublicKey(serialized: Self.bytes("BTNJagXYFqIZ4mkMGm32dMx5kl6NaQPBEFNnwTM11CMF")),
            privateKey: try ECPrivateKey(bytes: Self.bytes("eIJSpKvBhEwFNHr5kw+Wh6e6VsL3bcXc0dWJ4MHyrWc=")))
        try store.saveOwnDevice(OwnDevice(id: 2_072_787_432, identity: identity))
        let signed =
            "CAESIQXxrk7GUr6g8jx2z6lqRfLSg1yr0wkSF9M0Cn+JV7gfAxogwOOEMs7SuOY5YMV0KL3yrjwovVfNwyGJ4Si2t+xGjFsi"
            + "QI7B5XINoJ2A+0tSGreNP7KcAtTAob5Lkt32gEzhA8MDCNlZR2IaV+GMYCB+mG6owYjMiLqYlphz8H8mONDGhw0p4ivr+6EBAAA="
        try store.storeSignedPreKey(Self.bytes(signed), id: 1)
        let preKey =
            "CFQSIQXrDADYyy0ZFJA21UuSm6Fu6AiR3cmHYKAj2akoFp/jLhogMDA4ccy31wZBcDjVUM021warpx0CVE/F3XbV72opAkY="
        try store.storePreKey(Self.bytes(preKey), id: 84)
        return try OMEMOEngine(context: SignalContext(), store: store)
    }

    private static let message: Element = {
        let namespace = "eu.siacs.conversations.axolotl"
        let key =
            "MwhUEiEFwkPt39+CV8ya1710nJaYpeoqhW8Kiivu0SH2asCVxzIaIQWqWp602zQlGpoo8IJHW0Nf3fr1bjajhjEdB7VY1zfdNyJi"
            + "MwohBakHHHHTMRZGFtbiD1448l8D1r2m7N4gpf1/iiQTSed8EAAYACIw7CY6PRuW4pE/7/LfbYmsDG5EFz3iFsqRZNJs/j0qgpIU"
            + "JE5/inaOlbfjVMlwGDwnso5mJMEvAE4wAQ=="
        let header = Element(
            "header", namespace, attributes: [("sid", "1871765554")],
            children: [
                Element("key", namespace, attributes: [("rid", "2072787432"), ("prekey", "true")], text: key),
                Element("iv", namespace, text: "zdL1iTCTI/IS3xEK"),
            ])
        return Element(
            "encrypted", namespace,
            children: [header, Element("payload", namespace, text: "ANcKlBVsXCIRinq0i8sdM10=")])
    }()

    @Test func itsFirstMessageIsRead() throws {
        let engine = try receiver()
        let decrypted = try engine.decrypt(try EncryptedElement(Self.message), from: "contact@example.org")
        let origin = Origin(device: 1_871_765_554, isNewDevice: true, isAnswerDue: true)
        #expect(decrypted == .text("wach n9der nchki?", from: origin))
        let answer = try engine.emptyMessage(for: "contact@example.org", device: 1_871_765_554)
        #expect(answer.keys.map(\.isPreKey) == [false])
    }

    @Test func alteredItIsNot() throws {
        for index in stride(from: 0, to: 200, by: 7) {
            let engine = try receiver()
            var message = try EncryptedElement(Self.message)
            var bytes = message.keys[0].data
            guard index < bytes.count else { continue }
            bytes[index] ^= 0x20
            message = message.with(key: bytes, isPreKey: true)
            #expect(throws: (any Error).self) { try engine.decrypt(message, from: "contact@example.org") }
        }
    }
}
