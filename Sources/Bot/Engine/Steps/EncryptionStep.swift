/// A message that came unencrypted: nothing of an answer goes back in the clear, only how to
/// switch encryption on, not more than once an hour in a language. Staff see the message.
enum EncryptionStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard !turn.input.isEncrypted else { return false }
        turn.classify(.unencrypted)
        let now = turn.input.now
        let interval = turn.settings.noticeInterval
        turn.state.encryptionNotices = turn.state.encryptionNotices.filter {
            $0.value <= now && now - $0.value < interval
        }
        if turn.state.encryptionNotices[turn.variety] == nil {
            turn.state.encryptionNotices[turn.variety] = now
            turn.say([.encryptionSwitchOn])
        }
        if let danger = DangerStep.danger(in: turn) {
            turn.handOver(.danger, to: danger.handOver, topic: danger.id)
        } else {
            turn.handOver(.unencrypted, to: .intern)
        }
        return true
    }
}
