/// Writing scalars as UTF-8.
enum ScalarBytes {
    @inline(__always)
    static func append(_ scalar: UInt32, to out: inout [UInt8]) {
        if scalar < 0x80 {
            out.append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        if scalar < 0x800 {
            out.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
        } else {
            if scalar < 0x10000 {
                out.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            } else {
                out.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
                out.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            }
            out.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
        }
        out.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }
}
