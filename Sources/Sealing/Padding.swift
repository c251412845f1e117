/// Hides how long a record is: its length in four bytes, the record, and zeros up to a bucket.
///
/// Buckets (bytes, with the four): 64, 128, 256, 512, 1024, 2048, 4096, then multiples of 4096.
package enum Padding {
    package static let prefix = 4
    /// The longest record that one seal takes, in bytes: 16 MiB.
    package static let limit = 16 * 1024 * 1024

    /// The size of the bucket for a record of `length` bytes.
    package static func bucket(for length: Int) -> Int {
        let needed = length + prefix
        var size = 64
        while size < needed && size < 4096 { size *= 2 }
        return needed <= size ? size : (needed + 4095) / 4096 * 4096
    }

    package static func pad(_ record: [UInt8], format: String) throws(SealingError) -> [UInt8] {
        guard record.count <= limit else {
            throw .tooLong(format: format, length: record.count, limit: limit)
        }
        var padded: [UInt8] = []
        let size = bucket(for: record.count)
        padded.reserveCapacity(size)
        let length = UInt32(record.count)
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: length >> shift))
        }
        padded.append(contentsOf: record)
        padded.append(contentsOf: repeatElement(0, count: size - padded.count))
        return padded
    }

    package static func unpad(_ padded: [UInt8], format: String) throws(SealingError) -> [UInt8] {
        guard padded.count >= prefix else { throw .malformed(format: format, reason: "its padding is too short") }
        let length = padded[0..<prefix].reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit, padded.count == bucket(for: length) else {
            throw .malformed(format: format, reason: "its inner length does not fit its padding")
        }
        return Array(padded[prefix..<prefix + length])
    }
}
