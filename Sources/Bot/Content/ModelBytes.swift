/// Writes trained numbers down, in the byte order of this machine: for a cache that no other machine reads.
struct ModelWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add<Value: BitwiseCopyable>(_ values: [Value]) {
        withUnsafeBytes(of: UInt64(values.count)) { bytes.append(contentsOf: $0) }
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    mutating func add<Value: BitwiseCopyable>(_ value: Value) { add([value]) }
}

/// Reads what `ModelWriter` wrote. Every count is held against the bytes that are there.
struct ModelReader {
    /// The bytes are not what this version writes.
    struct Unreadable: Error {}

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func values<Value: BitwiseCopyable>(_: Value.Type = Value.self) throws(Unreadable) -> [Value] {
        let count = try number()
        let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
        guard !overflow, size <= bytes.endIndex - position else { throw Unreadable() }
        let part = bytes[position..<position + size]
        position += size
        return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            part.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            initialized = count
        }
    }

    mutating func value<Value: BitwiseCopyable>(_: Value.Type = Value.self) throws(Unreadable) -> Value {
        let found: [Value] = try values()
        guard found.count == 1 else { throw Unreadable() }
        return found[0]
    }

    /// Nothing may follow.
    func end() throws(Unreadable) { guard position == bytes.endIndex else { throw Unreadable() } }

    private mutating func number() throws(Unreadable) -> Int {
        guard bytes.endIndex - position >= 8 else { throw Unreadable() }
        var number: UInt64 = 0
        for index in (position..<position + 8).reversed() { number = number << 8 | UInt64(bytes[index]) }
        position += 8
        guard let count = Int(exactly: UInt64(littleEndian: number.littleEndian)) else { throw Unreadable() }
        return count
    }
}
