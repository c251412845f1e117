import Crypto
import FoundationEssentials

/// The list of who belongs to a deployment and which archive keys are in use: entries that are
/// only ever added, each signed by a coordinator and chained to the one before by its hash.
///
/// A roster that was read is not yet to be trusted: `verified(by:)` checks it against the pin.
public struct Roster: Sendable, Equatable {
    public static let version = 1
    public let entries: [RosterEntry]

    public init(entries: [RosterEntry]) { self.entries = entries }

    /// Checks the chain, every signature and every rule against the pin.
    /// Throws the first `RosterError` found, with the number of the entry.
    public func verified(by pin: RosterPin) throws(RosterError) -> VerifiedRoster {
        guard let first = entries.first else { throw .empty }
        guard first.hash == pin.first else { throw .notPinned }
        var state = try VerifiedRoster(founding: first)
        for entry in entries.dropFirst() { try state.append(entry) }
        guard (0..<Int64(entries.count)).contains(pin.seenSequence) else {
            throw .rolledBack(seen: pin.seenSequence &+ 1, found: entries.count)
        }
        guard entries[Int(pin.seenSequence)].hash == pin.seenHash else {
            throw .rewritten(sequence: pin.seenSequence)
        }
        return state
    }
}

/// One signed line of the roster.
public struct RosterEntry: Sendable, Equatable {
    /// 0 for the first entry.
    public let sequence: Int64
    /// The hash of the entry before; 32 zero bytes for the first.
    public let previous: [UInt8]
    public let at: Date
    /// The member who signed.
    public let author: MemberID
    public let statement: RosterStatement
    /// Ed25519 over `signedBytes` (RFC 8032), 64 bytes.
    public let signature: [UInt8]

    public init(
        sequence: Int64, previous: [UInt8], at: Date, author: MemberID, statement: RosterStatement,
        signature: [UInt8]
    ) {
        self.sequence = sequence
        self.previous = previous
        self.at = at
        self.author = author
        self.statement = statement
        self.signature = signature
    }

    package static let noPrevious = [UInt8](repeating: 0, count: 32)

    /// What a coordinator signs: every value of the entry, in one fixed form.
    package static func signedBytes(
        sequence: Int64, previous: [UInt8], at: Date, author: MemberID, statement: RosterStatement
    ) -> [UInt8] {
        var transcript = Transcript("sila roster entry", version: UInt8(Roster.version))
        transcript.add(sequence)
        transcript.add(previous)
        transcript.add(at.milliseconds)
        transcript.add(author.rawValue)
        statement.add(to: &transcript)
        return transcript.bytes
    }

    package var signedBytes: [UInt8] {
        Self.signedBytes(sequence: sequence, previous: previous, at: at, author: author, statement: statement)
    }

    /// SHA-256 over the signed bytes and the signature.
    public var hash: [UInt8] {
        var transcript = Transcript("sila roster hash", version: UInt8(Roster.version))
        transcript.add(signedBytes)
        transcript.add(signature)
        return Array(SHA256.hash(data: transcript.bytes))
    }

    func isSigned(by key: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else { return false }
        return key.isValidSignature(signature, for: signedBytes)
    }
}
