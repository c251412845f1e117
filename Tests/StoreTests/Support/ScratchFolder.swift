import Foundation
import Testing

/// A folder for each test of a suite, removed after the test, however it ends.
///
/// A trait rather than a `deinit`: a store that is still open outlives the value that named its folder.
struct ScratchFolder: SuiteTrait, TestTrait, TestScoping {
    @TaskLocal static var current: URL?

    struct Missing: Error, CustomStringConvertible {
        let description = "this suite has no folder: write @Suite(.scratchFolder)"
    }

    var isRecursive: Bool { true }

    /// A path in the running test's folder that nothing else has; nothing is made there.
    static func path(_ name: String) throws -> URL {
        guard let current else { throw Missing() }
        return current.appending(path: "\(name)-\(UUID().uuidString)")
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sila-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await Self.$current.withValue(folder) { try await function() }
    }
}

extension Trait where Self == ScratchFolder {
    /// Each test has a folder of its own while it runs.
    static var scratchFolder: Self { Self() }
}
