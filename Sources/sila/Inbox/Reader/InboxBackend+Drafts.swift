import Foundation
import Inbox
import InboxReader
import Sealing
import StaffAgent
import StaffProtocol

/// Drafts: those of the reader and those of `sila reply` are the same files.
extension InboxBackend {
    func drafts() async throws(ReaderFailure) -> [ReaderDraft] {
        try await doing {
            var found: [ReaderDraft] = []
            for purpose in ReaderDraft.Purpose.allCases {
                let store = work.drafts.of(purpose.store)
                for conversation in store.conversations() {
                    do {
                        // A colleague's words that 'sila approve' had on their way are not offered to be edited.
                        guard let draft = try await store.load(conversation), draft.proposal == nil else { continue }
                        found.append(
                            ReaderDraft(draft, purpose) { IdempotencyKey.random().rawValue })
                    } catch let error where !(error is AgentError) {
                        // The others are there all the same.
                        guard await memory.isFirstDamage(conversation) else { continue }
                        let id = ShortID(.conversation, conversation).description
                        alarms.continuation.yield(texts.session(.draftDamaged, ["id": id]))
                    }
                }
            }
            return found
        }
    }

    func keep(_ draft: ReaderDraft) async throws(ReaderFailure) {
        let seen = session.seen.position(draft.conversation)
        try await doing {
            // What is open of the draft stays with it. One that does not open is replaced: its words are lost.
            try await work.drafts.of(draft.purpose.store).update(draft.conversation, replacingDamaged: true) {
                $0 = draft.text.isEmpty ? nil : draft.stored(over: $0, seen: seen)
            }
        }
    }
}

extension ReaderDraft {
    fileprivate func stored(over before: Draft?, seen: Int64) -> Draft {
        var kept = before ?? Draft(conversation: conversation, seen: seen)
        kept.text = text
        kept.topic = topic.isEmpty ? nil : topic
        kept.variety = variety.isEmpty ? nil : variety
        kept.original = original.isEmpty ? nil : original
        kept.change = change
        kept.changedAt = at
        kept.proposal = nil
        return kept
    }
}
