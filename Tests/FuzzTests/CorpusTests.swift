import Foundation
import Messaging
import Testing

/// Each target reads its corpus: what a fuzzer has once tripped over stays mended. The fuzzing itself is
/// `Fuzz/run` (Documentation/fuzz-record.md).
@Suite(.serialized) struct CorpusTests {
    private static let fuzz = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz")

    private static func files(_ folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { !$0.lastPathComponent.hasPrefix(".") }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    /// The inputs of a target, each with a name for people.
    private static func inputs(_ target: any FuzzTarget.Type) throws -> [(name: String, bytes: [UInt8])] {
        let made = try target.seeds().enumerated().map { ("seed \($0.offset)", $0.element) }
        let folder = fuzz.appending(path: "corpora/\(target.name)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return made }
        return try made + files(folder).map { ($0.lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
    }

    @Test(arguments: FuzzTargets.all.map { $0.name })
    func nothingInTheCorpusBreaksItsTarget(_ name: String) throws {
        let target = try #require(FuzzTargets.named(name))
        let inputs = try Self.inputs(target)
        #expect(inputs.count >= 3, "a corpus of a few inputs, in Fuzz/corpora/\(name) or made by the target")
        for input in inputs {
            #expect(throws: Never.self, "\(name), \(input.name)") { try target.run(input.bytes) }
            #expect(input.bytes.count <= target.longest, "\(input.name) is longer than what is fuzzed")
            // Cut short and with a byte changed: what comes over a line that breaks.
            for place in stride(from: 0, to: input.bytes.count, by: max(1, input.bytes.count / 8)) {
                #expect(throws: Never.self, "\(name), \(input.name) up to \(place)") {
                    try target.run(Array(input.bytes.prefix(place)))
                }
                var changed = input.bytes
                changed[place] ^= 0x5a
                #expect(throws: Never.self, "\(name), \(input.name) changed at \(place)") { try target.run(changed) }
            }
        }
    }

    @Test func eachCorpusAndEachDictionaryHasItsTarget() throws {
        let names = Set(FuzzTargets.all.map { $0.name })
        #expect(names.count == FuzzTargets.all.count)
        for folder in try Self.files(Self.fuzz.appending(path: "corpora")) {
            #expect(names.contains(folder.lastPathComponent), "a corpus of no target")
        }
        let dictionaries = Set(try Self.files(Self.fuzz.appending(path: "dictionaries")).map(\.lastPathComponent))
        #expect(dictionaries == Set(FuzzTargets.all.compactMap { $0.dictionary }.map { "\($0).dict" }))
    }

    /// A target that accepts everything would find nothing.
    @Test func aBrokenPromiseIsSeen() {
        #expect(throws: BrokenPromise.self) { try promise(false, "it does not hold") }
        // No reader of ours gives such an address out.
        let hidden = IncomingAttachment(
            url: "https://files.example.org@example.net/a.jpg", name: "a.jpg", kind: .photo, secret: nil)
        #expect(throws: BrokenPromise.self) { try AttachmentLinkTarget.check(hidden) }
    }
}
