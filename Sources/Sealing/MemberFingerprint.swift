import Crypto

/// What two people compare in person before a member's keys are trusted: five words for 80 bits of
/// a hash over the short name and both public keys.
public enum MemberFingerprint {
    public static let wordCount = 5

    /// The words, joined by hyphens.
    public static func words(id: MemberID, signingKey: [UInt8], sealingKey: [UInt8]) -> String {
        var transcript = Transcript("sila member fingerprint", version: 1)
        transcript.add(id.rawValue)
        transcript.add(signingKey)
        transcript.add(sealingKey)
        return Proquint.words(Array(SHA256.hash(data: transcript.bytes).prefix(wordCount * 2)))
    }

    /// Whether words as people write them say the same: case, spaces and hyphens do not matter.
    public static func matches(_ typed: String, _ words: String) -> Bool {
        func plain(_ text: String) -> [Substring] { text.lowercased()[...].split { !$0.isLetter && !$0.isNumber } }
        return plain(typed) == plain(words)
    }
}

extension RosterMember {
    /// The words that people compare for this member.
    public var fingerprint: String {
        MemberFingerprint.words(id: id, signingKey: signingKey, sealingKey: sealingKey)
    }
}
