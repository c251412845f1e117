import FoundationEssentials

/// What a program remembers of the roster: which one it is, and how far it was seen. A roster with
/// another first entry, or one that lacks what was seen, is refused.
public struct RosterPin: Sendable, Equatable {
    public static let version = 1
    /// The hash of the first entry, 32 bytes.
    public let first: [UInt8]
    /// The number of the last entry seen.
    public let seenSequence: Int64
    /// Its hash, 32 bytes.
    public let seenHash: [UInt8]

    public init(first: [UInt8], seenSequence: Int64, seenHash: [UInt8]) {
        self.first = first
        self.seenSequence = seenSequence
        self.seenHash = seenHash
    }

    private struct Stored: Codable {
        var version: Int
        var first: String
        var seenSequence: Int64
        var seenHash: String
    }

    /// The stored form: JSON with hashes in hexadecimal.
    public func encoded() throws(RosterError) -> [UInt8] {
        try JSONForm.encode(
            Stored(
                version: Self.version, first: Hexadecimal.encode(first), seenSequence: seenSequence,
                seenHash: Hexadecimal.encode(seenHash)))
    }

    /// Reads the stored form. Throws `RosterError`.
    public init(decoding json: [UInt8]) throws(RosterError) {
        let stored: Stored = try JSONForm.decode(json, version: Self.version, name: "roster pin")
        guard let first = Hexadecimal.decode(stored.first), first.count == 32,
            let seenHash = Hexadecimal.decode(stored.seenHash), seenHash.count == 32, stored.seenSequence >= 0
        else { throw .malformed(reason: "the pin's hashes are not 64 hexadecimal digits, or its number is negative") }
        self.init(first: first, seenSequence: stored.seenSequence, seenHash: seenHash)
    }
}

/// JSON files with a version: the version is looked at before anything else.
package enum JSONForm {
    private struct Versioned: Decodable { var version: Int }

    package static func encode(_ value: some Encodable) throws(RosterError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value)) + [0x0a]
        } catch {
            throw .malformed(reason: "it cannot be written as JSON")
        }
    }

    package static func decode<Value: Decodable>(
        _ json: [UInt8], version: Int, name: String
    ) throws(RosterError) -> Value {
        let decoder = JSONDecoder()
        let found: Int
        do {
            found = try decoder.decode(Versioned.self, from: Data(json)).version
        } catch {
            throw .malformed(reason: "the \(name) is not JSON with a version")
        }
        guard found == version else { throw .unsupportedVersion(found) }
        do {
            return try decoder.decode(Value.self, from: Data(json))
        } catch {
            throw .malformed(reason: "the \(name) lacks a value, or one has the wrong type")
        }
    }
}
