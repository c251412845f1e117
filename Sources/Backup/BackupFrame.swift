/// One value of a row, as SQLite keeps it in a STRICT table.
public enum BackupValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// What is inside of a backup, piece by piece.
public enum BackupFrame: Sendable, Equatable {
    /// The names of the schema's migrations, in order. Comes before the first table.
    case schema([String])
    /// The rows that follow are of this table, with these columns.
    case table(String, columns: [String])
    case row([BackupValue])
    /// A file begins, by its place in the deployment's folder.
    case file(String)
    /// More of that file.
    case bytes([UInt8])
    /// The end, with the number of frames before it.
    case end(Int64)

    /// Of a frame, in bytes. A row has at most one record, which has 16 MiB.
    package static let limit = 1 << 25

    /// Kind (1 byte), length of the rest (4), the rest.
    public var encoded: [UInt8] {
        var body: [UInt8] = []
        let kind: UInt8
        switch self {
        case .schema(let names):
            kind = 1
            for name in names { Self.add(name, to: &body) }
        case .table(let name, let columns):
            kind = 2
            for text in [name] + columns { Self.add(text, to: &body) }
        case .row(let values):
            kind = 3
            for value in values { Self.add(value, to: &body) }
        case .file(let path):
            kind = 4
            Self.add(path, to: &body)
        case .bytes(let bytes):
            kind = 5
            body = bytes
        case .end(let count):
            kind = 6
            body = count.backupBytes
        }
        return [kind] + Self.length(body.count) + body
    }

    init(kind: UInt8, body: ArraySlice<UInt8>) throws(BackupError) {
        var reader = Reader(rest: body)
        switch kind {
        case 1: self = .schema(try reader.texts())
        case 2:
            let texts = try reader.texts()
            guard let name = texts.first, texts.count > 1 else { throw .damaged("a table has no columns") }
            self = .table(name, columns: Array(texts.dropFirst()))
        case 3: self = .row(try reader.values())
        case 4:
            guard let path = try reader.texts().first else { throw .damaged("a file has no name") }
            self = .file(path)
        case 5: self = .bytes(Array(body))
        case 6:
            guard body.count == 8 else { throw .damaged("its end is no number") }
            self = .end(Int64(backupBytes: body))
        default: throw .damaged("it holds something of an unknown kind (\(kind))")
        }
    }

    private static func length(_ count: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).bigEndian) { Array($0) }
    }

    private static func add(_ text: String, to body: inout [UInt8]) {
        let utf8 = Array(text.utf8)
        body += length(utf8.count) + utf8
    }

    private static func add(_ value: BackupValue, to body: inout [UInt8]) {
        switch value {
        case .null: body.append(0)
        case .integer(let number): body += [1] + number.backupBytes
        case .text(let text):
            body.append(2)
            add(text, to: &body)
        case .blob(let bytes): body += [3] + length(bytes.count) + bytes
        }
    }

    /// Reads the parts of one frame.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func texts() throws(BackupError) -> [String] {
            var texts: [String] = []
            while !rest.isEmpty { texts.append(try text()) }
            return texts
        }

        mutating func values() throws(BackupError) -> [BackupValue] {
            var values: [BackupValue] = []
            while let kind = rest.popFirst() {
                switch kind {
                case 0: values.append(.null)
                case 1: values.append(.integer(Int64(backupBytes: try take(8))))
                case 2: values.append(.text(try text()))
                case 3: values.append(.blob(Array(try counted())))
                default: throw .damaged("a row holds a value of an unknown kind (\(kind))")
                }
            }
            return values
        }

        private mutating func text() throws(BackupError) -> String {
            guard let text = String(validating: try counted(), as: UTF8.self) else {
                throw .damaged("a text is not UTF-8")
            }
            return text
        }

        private mutating func counted() throws(BackupError) -> ArraySlice<UInt8> {
            try take(Int(try take(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
        }

        private mutating func take(_ count: Int) throws(BackupError) -> ArraySlice<UInt8> {
            guard rest.count >= count else { throw .damaged("a part is longer than what it is in") }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}

/// Makes frames of bytes that come in pieces, and sees to it that the end is one.
public struct BackupFrameReader {
    private var buffer: [UInt8] = []
    private var start = 0
    private var count: Int64 = 0
    /// Whether the end has come.
    public private(set) var hasEnded = false

    public init() {}

    public mutating func append(_ bytes: [UInt8]) {
        buffer.removeFirst(start)
        start = 0
        buffer += bytes
    }

    /// The next whole frame; `nil` when more bytes are needed, and after the end.
    public mutating func next() throws(BackupError) -> BackupFrame? {
        guard buffer.count - start >= 5 else { return nil }
        guard !hasEnded else { throw .damaged("something stands behind its end") }
        let length = Int(buffer[(start + 1)..<(start + 5)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        guard length <= BackupFrame.limit else { throw .damaged("a part of it has \(length) bytes") }
        let end = start + 5 + length
        guard buffer.count >= end else { return nil }
        let frame = try BackupFrame(kind: buffer[start], body: buffer[(start + 5)..<end])
        start = end
        if case .end(let before) = frame {
            guard before == count else { throw .damaged("it says to have \(before) parts and has \(count)") }
            hasEnded = true
        }
        count += 1
        return frame
    }

    /// Bytes that the next frame still needs, as far as that is known: at most those of this frame.
    public var missing: Int {
        let present = buffer.count - start
        guard present >= 5 else { return 5 - present }
        let length = Int(buffer[(start + 1)..<(start + 5)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        return max(0, 5 + min(length, BackupFrame.limit) - present)
    }

    /// Throws unless the last frame was the end and nothing stands behind it.
    public func finish() throws(BackupError) {
        guard hasEnded else { throw .cutOff }
        guard buffer.count == start else { throw .damaged("something stands behind its end") }
    }
}
