/// Bytes of an answer while they are written.
///
/// A page is thousands of pieces of a few bytes; an `Array` asks at each whether it is the only owner of its storage,
/// which takes longer than to copy the bytes.
struct JSONOutput: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// - Parameter capacity: bytes that are likely to come; it grows beyond.
    init(capacity: Int) { storage = .allocate(byteCount: max(64, capacity), alignment: 1) }

    deinit { storage.deallocate() }

    var bytes: [UInt8] { [UInt8](storage[..<count]) }

    @inline(__always) mutating func append(_ byte: UInt8) {
        reserve(1)
        storage[count] = byte
        count += 1
    }

    @inline(__always) mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always) mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    /// Puts another byte in the place of one that was written.
    mutating func replace(at index: Int, with byte: UInt8) {
        precondition(index < count)
        storage[index] = byte
    }

    @inline(__always) private mutating func reserve(_ more: Int) {
        if count + more > storage.count { grow(by: more) }
    }

    private mutating func grow(by more: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(count + more, storage.count * 2), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        storage.deallocate()
        storage = larger
    }
}
