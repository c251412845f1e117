/// What of a topic may be given today.
enum Release: Equatable {
    /// The answer, signed where it must be.
    case answer
    /// The answer, marked as a draft: demonstrations only.
    case draft
    /// The step that is safe whatever the answer will be; a person answers.
    case safe(HandOverReason)
    /// Nothing; a person answers.
    case nothing(HandOverReason)

    init(_ topic: Topic, now: Int64, showDrafts: Bool, hasSafeStep: Bool) {
        let isExpired = now >= topic.expiresAt
        let isUnsigned = topic.needsLawReview && !topic.isLawReviewed
        guard isExpired || isUnsigned else {
            self = .answer
            return
        }
        if showDrafts {
            self = .draft
        } else {
            let reason: HandOverReason = isUnsigned ? .review : .expired
            self = hasSafeStep ? .safe(reason) : .nothing(reason)
        }
    }
}

extension Turn {
    /// Gives what may be given of a topic and hands over what must be.
    mutating func give(_ topic: Topic) {
        let release = Release(
            topic, now: input.now, showDrafts: settings.showDrafts, hasSafeStep: content.has(.safe(topic.id)))
        switch release {
        case .answer:
            say(greetingKeys() + [.answer(topic.id)], topic: topic.id)
            if topic.handOver != .none { handOver(.followUp, to: topic.handOver, topic: topic.id) }
        case .draft:
            say(greetingKeys() + [.draftMark, .answer(topic.id)], topic: topic.id)
            handOver(.review, to: topic.handOver, topic: topic.id)
        case .safe(let reason):
            say(greetingKeys() + [.safe(topic.id)], topic: topic.id)
            notePromise()
            handOver(reason, to: topic.handOver, topic: topic.id)
        case .nothing(let reason):
            promisePerson(reason, to: topic.handOver, topic: topic.id)
        }
    }

    /// Tells the contact that a person will read, the second time in other words, then no more.
    mutating func promisePerson(_ reason: HandOverReason, to target: HandOverTarget, topic: TopicID? = nil) {
        switch timesTold {
        case 0: say([.handOver])
        case 1: say([.handOverAgain])
        default: if reason == .asked { say([.handOverAgain]) }
        }
        notePromise()
        handOver(reason, to: target, topic: topic)
    }
}
