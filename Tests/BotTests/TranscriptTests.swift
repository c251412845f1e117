import Bot
import Foundation
import Testing

@Suite("Whole conversations")
struct TranscriptTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Transcripts"
    private static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".txt") }.sorted()

    @Test("There are transcripts") func present() { #expect(Self.names.count >= 8) }

    @Test("A conversation goes as written", arguments: names)
    func conversation(name: String) throws {
        let transcript = try Transcript(path: Self.folder + "/" + name)
        #expect(!transcript.turns.isEmpty)
        var state = DialogueState()
        var now: Int64 = 1_795_000_000
        for turn in transcript.turns {
            now += turn.wait + 10
            let engine = Engine(content: Fixture.content, settings: EngineSettings(showDrafts: turn.showsDrafts))
            let (next, events) = engine.step(
                state: state,
                input: Input(
                    text: turn.text, isEncrypted: turn.isEncrypted, now: now, arrival: turn.arrival,
                    writtenIn: turn.writtenIn))
            #expect(events.map(Transcript.line) == turn.expected, "\(name):\(turn.line): \(turn.text)")
            // The state survives being stored between two messages.
            state = try JSONDecoder().decode(DialogueState.self, from: JSONEncoder().encode(next))
            #expect(state == next)
        }
    }
}
