import Glibc

extension [UInt8] {
    /// Overwrites some of the bytes with zeros, in a way that the compiler does not leave out.
    mutating func overwrite(_ range: Range<Int>) {
        withUnsafeMutableBytes { bytes in
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[range.clamped(to: bytes.indices)])
            if let base = part.baseAddress { explicit_bzero(base, part.count) }
        }
    }

    /// Overwrites all bytes and lets them go.
    mutating func wipe() {
        overwrite(indices)
        self = []
    }
}
