import Foundation
import Sealing
import Testing

@testable import Inbox
@testable import Unsealing

@Suite struct DraftPurposeTests {
    @Test("A draft that lay here before drafts had purposes opens as a reply")
    func before() async throws {
        let deployment = try TestDeployment()
        let keys = UnlockedKeys(deployment.coordinator)
        // As it was written then: these fields, bound to member and conversation.
        let json = Array(#"{"conversation":12,"seen":40,"text":"begun earlier"}"#.utf8)
        var transcript = Transcript("sila draft", version: 1)
        transcript.add(keys.member.rawValue)
        transcript.add(Int64(12))
        let sealed = try AEAD.seal(
            try Padding.pad(json, format: "draft"), key: try await keys.localKey(.drafts).key, version: 1,
            authenticating: transcript.bytes, format: "draft", randomness: .system)
        try PrivateFile.folder(deployment.folder.drafts)
        try PrivateFile.replace(deployment.folder.drafts + "/c12.draft", with: sealed)
        let store = DraftStore(deployment.folder, keys: keys)
        #expect(store.conversations() == [12])
        #expect(try await store.load(12) == Draft(conversation: 12, text: "begun earlier", seen: 40))
        #expect(store.of(.note).conversations().isEmpty)
    }

    @Test("A file put in the place of another purpose does not open", arguments: Draft.Purpose.allCases)
    func exchanged(purpose: Draft.Purpose) async throws {
        let deployment = try TestDeployment()
        let store = DraftStore(deployment.folder, keys: UnlockedKeys(deployment.coordinator), purpose: purpose)
        try await store.save(Draft(conversation: 12, text: "words", seen: 1))
        let folder = deployment.folder.drafts
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        for other in Draft.Purpose.allCases where other != purpose {
            #expect(try await store.of(other).load(12) == nil)
            let name = other == .reply ? "c12.draft" : "c12.\(other.rawValue).draft"
            try FileManager.default.copyItem(atPath: "\(folder)/\(file)", toPath: "\(folder)/\(name)")
            #expect(
                await caught(SealingError.self) { try await store.of(other).load(12) } == .notAuthentic(format: "draft")
            )
        }
        try store.removeAll(12)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
