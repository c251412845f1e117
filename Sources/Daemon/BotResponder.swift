import Bot
import Bridge
import Foundation
import Messaging
import Store

/// The bot as the bridge's responder: its state travels as JSON, its replies as they are.
struct BotResponder: Responder {
    private let engine: Engine

    init(engine: Engine) { self.engine = engine }

    func respond(to input: ResponderInput) -> ResponderOutput {
        var state = decode(input.state)
        // The conversation goes on in the language in which it was held.
        if case .right(let dialogue)? = input.arrival, !dialogue.isEmpty { state.goOn(from: decode(dialogue)) }
        let (next, events) = engine.step(
            state: state,
            input: Input(
                text: input.text, isEncrypted: input.protection == .endToEnd,
                now: Int64(input.now.timeIntervalSince1970), arrival: Self.arrival(input.arrival),
                writtenIn: input.arrivalLanguage.flatMap { Variety(rawValue: $0) },
                attachment: input.attachment.map { $0 == .voice ? .voice : .file }))
        return output(next, events, protection: input.protection)
    }

    private static func arrival(_ outcome: ArrivalOutcome?) -> Arrival? {
        switch outcome {
        case .right: .right
        case .wrong: .notRecognised
        case .tooOften: .tooOften
        case nil: nil
        }
    }

    func respondToUnreadable(now: Date, state: [UInt8]) -> ResponderOutput {
        let (state, events) = engine.unreadable(state: decode(state), now: Int64(now.timeIntervalSince1970))
        return output(state, events, protection: .endToEnd)
    }

    /// A state this version cannot read (an older backup, a newer version) starts the dialogue anew.
    private func decode(_ bytes: [UInt8]) -> DialogueState {
        if bytes.isEmpty { return DialogueState() }
        return (try? JSONDecoder().decode(DialogueState.self, from: Data(bytes))) ?? DialogueState()
    }

    private func output(_ state: DialogueState, _ events: [Event], protection: Protection) -> ResponderOutput {
        var output = ResponderOutput(
            state: (try? JSONEncoder().encode(state)).map(Array.init) ?? [], replies: [], handsOver: false)
        for event in events {
            switch event {
            case .reply(let reply):
                output.replies.append(
                    .init(
                        text: reply.text, protection: protection, topic: reply.topic?.rawValue,
                        variety: reply.variety.rawValue))
            case .handOver:
                output.handsOver = true
            case .classified:
                break
            }
        }
        output.note = Self.note(events)
        return output
    }

    /// What staff see of the decision.
    private static func note(_ events: [Event]) -> ResponderNote? {
        var note: ResponderNote?
        for event in events {
            guard case .classified(let found) = event else { continue }
            note = ResponderNote(
                decision: found.decision.rawValue, topic: found.topic?.rawValue ?? "",
                candidates: found.candidates.map { .init(topic: $0.topic.rawValue, confidence: $0.confidence) },
                variety: found.variety == .other ? "" : found.variety.rawValue)
        }
        for event in events {
            guard case .handOver(let reason, let target, let topic) = event else { continue }
            // Danger stands before any other reason; else the first counts.
            let isFirst = note?.reason.isEmpty ?? true
            guard isFirst || reason == .danger else { continue }
            var handed = note ?? ResponderNote(decision: Decision.handOver.rawValue)
            handed.reason = reason.rawValue
            handed.target = target == .none ? "" : target.rawValue
            if handed.topic.isEmpty { handed.topic = topic?.rawValue ?? "" }
            handed.isDanger = handed.isDanger || reason == .danger
            note = handed
        }
        return note
    }
}
