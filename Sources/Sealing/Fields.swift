/// Writes a record as a version byte and fields: tag (1 byte), length (4), bytes. Fields stand in
/// ascending order of their tags, so the same record always gives the same bytes.
///
/// Tags from 0x80 on may be skipped by a reader that does not know them; others may not.
package struct FieldWriter {
    package private(set) var bytes: [UInt8]

    package init(version: UInt8) { bytes = [version] }

    package mutating func add(_ tag: UInt8, _ field: [UInt8]) {
        bytes.append(tag)
        let length = UInt32(truncatingIfNeeded: field.count)
        withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: field)
    }

    package mutating func add(_ tag: UInt8, _ text: String) { add(tag, Array(text.utf8)) }

    package mutating func add(_ tag: UInt8, _ number: Int64) {
        add(tag, withUnsafeBytes(of: number.bigEndian) { Array($0) })
    }
}

/// Reads what `FieldWriter` wrote.
package struct FieldReader {
    package let fields: [UInt8: ArraySlice<UInt8>]
    private let format: String

    package init(
        _ bytes: [UInt8], version: UInt8, format: String, known: ClosedRange<UInt8>
    ) throws(SealingError) {
        guard let found = bytes.first else { throw .malformed(format: format, reason: "it is empty") }
        guard found == version else { throw .unsupportedVersion(format: format, found: found) }
        var fields: [UInt8: ArraySlice<UInt8>] = [:]
        var rest = bytes.dropFirst()
        var previous: UInt8 = 0
        while let tag = rest.first {
            guard tag > previous else { throw .malformed(format: format, reason: "its fields are out of order") }
            guard known.contains(tag) || tag >= 0x80 else {
                throw .malformed(format: format, reason: "it has a field \(tag) that this version does not know")
            }
            previous = tag
            guard rest.count >= 5 else { throw .malformed(format: format, reason: "it ends inside a field") }
            let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(5)
            guard rest.count >= length else { throw .malformed(format: format, reason: "it ends inside a field") }
            fields[tag] = rest.prefix(length)
            rest = rest.dropFirst(length)
        }
        self.fields = fields
        self.format = format
    }

    package func bytes(_ tag: UInt8) throws(SealingError) -> ArraySlice<UInt8> {
        guard let field = fields[tag] else {
            throw .malformed(format: format, reason: "its field \(tag) is missing")
        }
        return field
    }

    package func byte(_ tag: UInt8) throws(SealingError) -> UInt8 {
        let field = try bytes(tag)
        guard field.count == 1, let byte = field.first else {
            throw .malformed(format: format, reason: "its field \(tag) is not one byte")
        }
        return byte
    }

    package func number(_ tag: UInt8) throws(SealingError) -> Int64 {
        let field = try bytes(tag)
        guard field.count == 8 else {
            throw .malformed(format: format, reason: "its field \(tag) is not a number of eight bytes")
        }
        return field.reduce(0) { $0 << 8 | Int64($1) }
    }

    package func optionalNumber(_ tag: UInt8) throws(SealingError) -> Int64? {
        fields[tag] == nil ? nil : try number(tag)
    }

    package func string(_ tag: UInt8) throws(SealingError) -> String {
        guard let text = String(validating: try bytes(tag), as: UTF8.self) else {
            throw .malformed(format: format, reason: "its field \(tag) is not UTF-8")
        }
        return text
    }

    package func optionalString(_ tag: UInt8) throws(SealingError) -> String? {
        fields[tag] == nil ? nil : try string(tag)
    }
}
