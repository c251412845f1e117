/// A voice note, a photo, a document: an answer like any other, which a person must take in. The bot says so, and
/// that it came.
enum AttachmentStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard let attachment = turn.input.attachment else { return false }
        turn.state.pending = nil
        turn.classify(.handOver)
        // Many photos in a row are one thing to say: a few times, then silence.
        if turn.timesTold < 3 {
            turn.say(turn.greetingKeys() + [attachment == .voice ? .attachmentVoice : .attachmentFile])
        }
        turn.notePromise()
        turn.handOver(.attachment, to: .intern)
        return true
    }
}
