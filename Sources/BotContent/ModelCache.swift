import Bot
import Crypto
import Foundation

/// Where trained models are kept between two starts of the same program on the same content: one file, that may be
/// deleted at any time.
///
/// The file: a version (8 bytes), the key (32), the models, and the SHA-256 of all that (32). The key is the SHA-256
/// of what the models are trained from and of which program trains them. Whatever does not fit is trained anew.
public struct ModelCache: Sendable {
    /// What came of it, for the log.
    public enum Outcome: Sendable, Equatable {
        /// Read from the file.
        case read
        /// Trained, and kept for the next start.
        case trained
        /// Trained, and not kept: the next start trains again.
        case notKept(reason: String)
    }

    private static let version = Array("silabot1".utf8)
    /// In bytes: a model has about 10 MB.
    private static let limit = 64 * 1024 * 1024
    private let path: String
    private let program: String

    /// - Parameters:
    ///   - path: the file; its folder exists.
    ///   - program: stands for the program and its version, so that a newer one does not use an older one's models.
    public init(path: String, program: String = ModelCache.runningProgram()) {
        self.path = path
        self.program = program
    }

    /// The running program by size, place and time of change: each build is another.
    public static func runningProgram() -> String {
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return "" }
        return [
            Int64(status.st_size), Int64(status.st_ino), Int64(status.st_dev), Int64(status.st_mtim.tv_sec),
            Int64(status.st_mtim.tv_nsec),
        ].map(String.init).joined(separator: " ")
    }

    /// The compiled content, with the models of the file or new ones.
    func compile(_ source: ContentSource) -> (content: CompiledContent, outcome: Outcome) {
        let key = key(of: source)
        if let models = read(key), let content = try? CompiledContent(source: source, models: models) {
            return (content, .read)
        }
        let content = CompiledContent(compiling: source)
        // Without a way to tell programs apart nothing is kept.
        guard !program.isEmpty else { return (content, .notKept(reason: "the program's own file cannot be looked at")) }
        do {
            try write(Self.version + key + content.models)
            return (content, .trained)
        } catch {
            return (content, .notKept(reason: "\(error.localizedDescription)"))
        }
    }

    private func key(of source: ContentSource) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Self.version)
        hash.update(data: Data("\(program.utf8.count) \(program)".utf8))
        hash.update(data: CompiledContent.trainedFrom(source))
        return Array(hash.finalize())
    }

    /// The models, if the file is whole and has this key.
    private func read(_ key: [UInt8]) -> ArraySlice<UInt8>? {
        var status = stat()
        guard !program.isEmpty, stat(path, &status) == 0, status.st_size <= Self.limit,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        let bytes = [UInt8](data)
        let begin = Self.version.count + key.count
        guard bytes.count >= begin + SHA256.byteCount, bytes[..<Self.version.count].elementsEqual(Self.version),
            bytes[Self.version.count..<begin].elementsEqual(key)
        else { return nil }
        let end = bytes.count - SHA256.byteCount
        guard bytes[end...].elementsEqual(SHA256.hash(data: bytes[..<end])) else { return nil }
        return bytes[begin..<end]
    }

    /// Whole or not at all: under another name first.
    private func write(_ bytes: [UInt8]) throws {
        let temporary = path + ".new"
        try? FileManager.default.removeItem(atPath: temporary)
        let content = Data(bytes + SHA256.hash(data: bytes))
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: content, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        guard rename(temporary, path) == 0 else {
            try? FileManager.default.removeItem(atPath: temporary)
            throw CocoaError(.fileWriteUnknown)
        }
    }
}
