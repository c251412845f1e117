/// A message that came unencrypted: nothing of an answer goes back in the clear, only how to
/// switch encryption on, not more than once an hour in a language. Staff see the message.
///
/// Words of danger are met first, every time, with the calm text for danger of any kind: it gives
/// nothing away that the message itself did not show to whoever reads along, and silence would harm.
enum EncryptionStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard !turn.input.isEncrypted else { return false }
        turn.classify(.unencrypted)
        if let danger = DangerStep.danger(in: turn) {
            turn.state.pending = nil
            turn.say([.dangerHandOver])
            turn.notePromise()
            turn.handOver(.danger, to: danger.handOver == .none ? .crisis : danger.handOver, topic: danger.id)
        } else {
            turn.handOver(.unencrypted, to: .intern)
        }
        tellHowToSwitchOn(&turn)
        return true
    }

    private static func tellHowToSwitchOn(_ turn: inout Turn) {
        let now = turn.input.now
        let interval = turn.settings.noticeInterval
        turn.state.encryptionNotices = turn.state.encryptionNotices.filter {
            $0.value <= now && now - $0.value < interval
        }
        guard turn.state.encryptionNotices[turn.variety] == nil else { return }
        turn.state.encryptionNotices[turn.variety] = now
        turn.say([.encryptionSwitchOn])
    }
}
