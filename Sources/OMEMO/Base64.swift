/// Base64 (RFC 4648 §4), as stanzas carry keys and payloads.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let unknown: UInt8 = 0xff

    /// The value of each character, by its byte.
    private static let values = alphabet.enumerated().reduce(into: [UInt8](repeating: unknown, count: 256)) {
        $0[Int($1.element)] = UInt8($1.offset)
    }

    static func encode(_ bytes: [UInt8]) -> String {
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { text in
            alphabet.withUnsafeBufferPointer { alphabet in
                var written = 0
                for start in stride(from: 0, to: bytes.count, by: 3) {
                    let (has2, has3) = (start + 1 < bytes.count, start + 2 < bytes.count)
                    let word =
                        UInt32(bytes[start]) << 16 | (has2 ? UInt32(bytes[start + 1]) << 8 : 0)
                        | (has3 ? UInt32(bytes[start + 2]) : 0)
                    text[written] = alphabet[Int(word >> 18)]
                    text[written + 1] = alphabet[Int(word >> 12 & 63)]
                    text[written + 2] = has2 ? alphabet[Int(word >> 6 & 63)] : UInt8(ascii: "=")
                    text[written + 3] = has3 ? alphabet[Int(word & 63)] : UInt8(ascii: "=")
                    written += 4
                }
            }
            return count
        }
    }

    /// White space within is passed over, as old clients break lines; padding stands at the end only.
    /// - Returns: `nil` for anything that is not base64.
    static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { characters in
            values.withUnsafeBufferPointer { values in decode(characters, values) }
        }
    }

    private static func decode(
        _ characters: UnsafeBufferPointer<UInt8>, _ values: UnsafeBufferPointer<UInt8>
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3 + 3)
        var word: UInt32 = 0
        var (digits, padding) = (0, 0)
        for character in characters {
            let value = values[Int(character)]
            if value != unknown {
                guard padding == 0 else { return nil }
                word = word << 6 | UInt32(value)
                digits += 1
                if digits & 3 == 0 {
                    bytes.append(UInt8(truncatingIfNeeded: word >> 16))
                    bytes.append(UInt8(truncatingIfNeeded: word >> 8))
                    bytes.append(UInt8(truncatingIfNeeded: word))
                }
            } else if character == UInt8(ascii: "=") {
                padding += 1
            } else if character != 0x20, !(0x09...0x0D).contains(character) {
                return nil
            }
        }
        guard (digits + padding).isMultiple(of: 4), padding <= 2 else { return nil }
        // Of the last group, digits that stand for 12 or 18 bits are left.
        if padding == 2 {
            bytes.append(UInt8(truncatingIfNeeded: word >> 4))
        } else if padding == 1 {
            bytes.append(UInt8(truncatingIfNeeded: word >> 10))
            bytes.append(UInt8(truncatingIfNeeded: word >> 2))
        }
        return bytes
    }
}
