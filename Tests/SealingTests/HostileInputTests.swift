import Testing

@testable import Sealing

/// Foreign bytes end in an error or a value, never in a trap. The generator is seeded: a failure
/// comes again.
@Suite struct HostileInputTests {
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        // SplitMix64 (Steele, Lea, Flood 2014).
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    /// A copy with a few bytes changed, put in, or taken out.
    private func mutate(_ bytes: [UInt8], with random: inout Seeded) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...max(0, bytes.count - 1), using: &random)
            switch Int.random(in: 0...2, using: &random) {
            case 0 where !bytes.isEmpty: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where !bytes.isEmpty: bytes.removeSubrange(place..<min(bytes.count, place + 5))
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: min(place, bytes.count))
            }
        }
        return bytes
    }

    @Test func mutatedMessagesAreReadOrRefused() throws {
        var random = Seeded(state: 1)
        let message = Fixed.message.encoded()
        var read = 0
        for _ in 0..<20_000 {
            let bytes = mutate(message, with: &random)
            guard let record = try? MessageRecord(decoding: bytes) else { continue }
            // What was read is a message that can be written again.
            #expect(throws: Never.self) { try MessageRecord(decoding: record.encoded()) }
            read += 1
        }
        #expect(read > 0 && read < 20_000)
    }

    @Test func mutatedSealedDataNeverOpens() throws {
        var random = Seeded(state: 2)
        let key = try WorkingKey(root: Fixed.secret(from: 0x80))
        let field = Field(table: "t", row: 1, column: "c")
        let sealed = try key.seal(Array("a value".utf8), in: field)
        for _ in 0..<5_000 {
            let bytes = mutate(sealed, with: &random)
            if bytes == sealed { continue }
            #expect(throws: SealingError.self) { try key.open(bytes, in: field) }
        }
    }

    @Test func randomBytesAreNoWrappedKeyOfAnotherLength() {
        for count in 0..<300 where count != 97 {
            #expect(throws: SealingError.self) { try WrappedSegment(bytes: [UInt8](repeating: 1, count: count)) }
        }
    }
}
