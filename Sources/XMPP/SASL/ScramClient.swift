import Foundation

/// The client's side of SCRAM (RFC 5802), without channel binding: a value that takes the server's
/// messages and gives ours.
public struct ScramClient: Sendable {
    /// RFC 5802 §5.1 asks for 4096 at least.
    static let iterationRange = 4096...1_000_000

    private enum Step: Sendable {
        case initial, sentFirst, sentFinal(serverSignature: [UInt8]), done
    }

    public let mechanism: ScramMechanism
    private let username: String
    private let password: String
    private let nonce: String
    private var step = Step.initial

    /// "n": we do not support channel binding (RFC 5802 §7, gs2-header).
    private static let header = "n,,"

    /// - Parameters:
    ///   - username: the account's localpart.
    ///   - nonce: printable ASCII without a comma, new for each attempt; random by default.
    public init(
        mechanism: ScramMechanism, username: String, password: String, nonce: String = ScramClient.randomNonce()
    ) {
        self.mechanism = mechanism
        self.username = username
        self.password = password
        self.nonce = nonce
    }

    /// 24 random bytes in base64.
    public static func randomNonce() -> String {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<24).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        return Data(bytes).base64EncodedString()
    }

    private var firstBare: String {
        let escaped = username.replacingOccurrences(of: "=", with: "=3D").replacingOccurrences(of: ",", with: "=2C")
        return "n=\(escaped),r=\(nonce)"
    }

    /// The first message (`client-first-message`).
    public mutating func first() -> [UInt8] {
        step = .sentFirst
        return Array((Self.header + firstBare).utf8)
    }

    /// Answers `server-first-message` with `client-final-message`.
    public mutating func respond(to challenge: [UInt8]) throws(ScramError) -> [UInt8] {
        guard case .sentFirst = step else { throw ScramError(.unexpected) }
        let serverFirst = String(decoding: challenge, as: UTF8.self)
        let fields = try Self.fields(serverFirst)
        // An extension that must be understood (RFC 5802 §5.1, "m").
        guard fields.first?.key != "m" else { throw ScramError(.malformed) }
        guard fields.count >= 3, fields[0].key == "r", fields[1].key == "s", fields[2].key == "i",
            let salt = Data(base64Encoded: fields[1].value), !salt.isEmpty, salt.count <= 1024,
            let iterations = Int(fields[2].value)
        else { throw ScramError(.malformed) }
        let combined = fields[0].value
        guard combined.hasPrefix(nonce), combined.utf8.count > nonce.utf8.count else { throw ScramError(.badNonce) }
        guard Self.iterationRange.contains(iterations) else { throw ScramError(.badIterations) }

        let salted: [UInt8]
        do {
            salted = try mechanism.saltedPassword(
                Array(try Self.prepared(password).utf8), salt: Array(salt), iterations: iterations)
        } catch let error as ScramError {
            throw error
        } catch {
            throw ScramError(.library)
        }
        let binding = Data(Self.header.utf8).base64EncodedString()
        let withoutProof = "c=\(binding),r=\(combined)"
        let authMessage = Array("\(firstBare),\(serverFirst),\(withoutProof)".utf8)
        let clientKey = mechanism.hmac(salted, Array("Client Key".utf8))
        let clientSignature = mechanism.hmac(mechanism.hash(clientKey), authMessage)
        let proof = zip(clientKey, clientSignature).map { $0 ^ $1 }
        let serverKey = mechanism.hmac(salted, Array("Server Key".utf8))
        step = .sentFinal(serverSignature: mechanism.hmac(serverKey, authMessage))
        return Array("\(withoutProof),p=\(Data(proof).base64EncodedString())".utf8)
    }

    /// Checks `server-final-message`. Only after this is the server known to be the right one.
    public mutating func verify(_ success: [UInt8]) throws(ScramError) {
        guard case .sentFinal(let expected) = step else { throw ScramError(.unexpected) }
        let fields = try Self.fields(String(decoding: success, as: UTF8.self))
        guard let first = fields.first else { throw ScramError(.malformed) }
        if first.key == "e" { throw ScramError(.refused) }
        guard first.key == "v", let signature = Data(base64Encoded: first.value) else { throw ScramError(.malformed) }
        // In constant time, although an attacker could only learn a signature of his own attempt.
        guard signature.count == expected.count, zip(signature, expected).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 else {
            throw ScramError(.badServerSignature)
        }
        step = .done
    }

    private static func fields(_ message: String) throws(ScramError) -> [(key: String, value: String)] {
        var fields: [(key: String, value: String)] = []
        for part in message.split(separator: ",", omittingEmptySubsequences: false) {
            guard let cut = part.firstIndex(of: "="), cut == part.index(after: part.startIndex) else {
                throw ScramError(.malformed)
            }
            fields.append((String(part[..<cut]), String(part[part.index(after: cut)...])))
        }
        return fields
    }

    /// SASLprep (RFC 4013) in its essentials: other spaces become spaces, NFKC, no control
    /// characters. Its tables of unassigned and bidirectional characters are left out.
    static func prepared(_ password: String) throws(ScramError) -> String {
        var mapped = String.UnicodeScalarView()
        for scalar in password.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .spaceSeparator: mapped.append(" ")
            case .control, .surrogate, .privateUse: throw ScramError(.badPassword)
            default: if scalar != "\u{AD}" { mapped.append(scalar) }
            }
        }
        let prepared = String(mapped).precomposedStringWithCompatibilityMapping
        guard !prepared.isEmpty else { throw ScramError(.badPassword) }
        return prepared
    }
}
