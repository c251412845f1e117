/// The one way in which values are written down before they are hashed, signed or bound to a
/// ciphertext: each field with its length in front, so that no two lists of fields give the same
/// bytes. A transcript begins with the name and version of what it is for.
package struct Transcript {
    package private(set) var bytes: [UInt8] = []

    /// `domain` tells uses apart, for example `sila record`.
    package init(_ domain: String, version: UInt8) {
        bytes.reserveCapacity(128)
        add(domain)
        bytes.append(version)
    }

    /// A string as UTF-8, behind its length.
    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            append(length: utf8.count)
            bytes.append(contentsOf: utf8)
        }
    }

    /// Bytes behind their length.
    package mutating func add(_ field: [UInt8]) {
        append(length: field.count)
        bytes.append(contentsOf: field)
    }

    /// A number: eight bytes, most significant first.
    package mutating func add(_ number: Int64) {
        append(bigEndian: UInt64(bitPattern: number), byteCount: 8)
    }

    /// A single byte.
    package mutating func add(_ byte: UInt8) { bytes.append(byte) }

    private mutating func append(length: Int) {
        append(bigEndian: UInt64(length), byteCount: 4)
    }

    private mutating func append(bigEndian value: UInt64, byteCount: Int) {
        for index in stride(from: byteCount - 1, through: 0, by: -1) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(index * 8)))
        }
    }
}
