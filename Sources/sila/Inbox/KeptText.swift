import Foundation
import Inbox
import Sealing
import StaffProtocol

/// Words for colleagues that a command writes down: kept as a draft before anything is asked of the bridge, and
/// until that is done.
struct KeptText {
    let drafts: DraftStore
    let conversation: ConversationArgument
    /// How the words are got back: `sila note c12`.
    let again: String

    /// - Parameters:
    ///   - argument: as in `ComposedText.read`. Words of the command line take no other's place: a draft of the
    ///     same purpose stays, and they are not kept beside it.
    ///   - body: gets the words, and if they are kept the key under which the same words are stored once.
    func use(
        _ argument: String?, hint: [String] = [], composer: ComposedText = ComposedText(),
        _ body: (_ words: String, _ key: IdempotencyKey?) async throws -> Void
    ) async throws {
        let before = try await drafts.load(conversation.number)
        let start = argument == nil ? before?.text ?? "" : ""
        let composed = try composer.read(argument, start: start, hint: hint)
        let words = composed.text
        // The same words again are the same change.
        let isSame = before?.text == words
        let key = (isSame ? before?.change : nil).flatMap { IdempotencyKey(rawValue: $0) } ?? .random()
        if argument != nil, before != nil, !isSame { return try await body(words, nil) }
        try await composed.keeping("What you wrote is kept: \(again)") { words in
            try await drafts.update(conversation.number, replacingDamaged: true) { stored in
                if let stored, stored.text != before?.text, stored.text != words {
                    throw DraftConflict(conversation: conversation.number, kept: stored)
                }
                if isSame, stored != nil { return }
                var draft = Draft(conversation: conversation.number, text: words, seen: 0)
                draft.change = key.rawValue
                draft.changedAt = Milliseconds(Date().timeIntervalSince1970 * 1000)
                stored = draft
            }
        }
        do {
            try await body(words, key)
        } catch {
            let failure = CommandFailure(error)
            throw CommandFailure(failure.code, "\(failure.description) What you wrote is kept: \(again)")
        }
        try await drafts.update(conversation.number) { if $0?.text == words { $0 = nil } }
    }
}
