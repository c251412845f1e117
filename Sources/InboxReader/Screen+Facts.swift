import TerminalText

/// What is known of a conversation, in words.
extension Screen {
    /// The most pressing first.
    func facts(of row: ReaderRow) -> [(String, Style)] {
        var facts: [(String, Style)] = []
        if row.dangerSince > 0 {
            facts.append((texts(.factDanger, ["age": times.age(row.dangerSince, now: state.now)]), .danger))
        }
        if row.isPractice { facts.append((texts[.factPractice], .warning)) }
        if row.isUnrecognised { facts.append((texts[.factUnrecognised], .danger)) }
        facts.append((channelName(row.channel) + ", " + longEnd(row.endsAt), row.endsAt == .none ? .danger : .plain))
        if row.waitsSince > 0 {
            facts.append((texts(.factWaits, ["age": times.age(row.waitsSince, now: state.now)]), .bold))
        }
        if !row.language.isEmpty { facts.append((languageName(row.language), .plain)) }
        let assigned =
            row.assigned.isEmpty
            ? texts[.factNobody]
            : row.assigned == state.me.member
                ? texts[.factMine] : texts(.factAssigned, ["name": setter.foreign(row.assigned)])
        facts.append((assigned, .plain))
        if !row.takenOverBy.isEmpty {
            let values = ["name": setter.foreign(row.takenOverBy), "time": times.clock(row.takenOverUntil)]
            facts.append((texts(.factTakenOver, values), .own))
        }
        if let bot = row.bot { facts.append((texts[.factBot] + " " + botLong(bot), .plain)) }
        facts += flags(of: row).filter { flag in
            flag.0 != texts[.flagDanger] && flag.0 != texts[.flagPractice] && flag.0 != texts[.flagClear]
        }
        return facts
    }

    /// Facts beside each other, in at most so many lines.
    func factLines(_ facts: [(String, Style)], rows: Int) -> [[Span]] {
        var lines: [[Span]] = []
        var line = self.line()
        for (text, style) in facts {
            let columns = DisplayWidth.columns(of: text)
            if line.used > 0, line.rest < columns + 3, lines.count + 1 < rows {
                lines.append(line.finish())
                line = self.line()
            }
            if line.used > 0 { line.add(" · ", .dim) }
            line.add(text, style)
        }
        lines.append(line.finish())
        while lines.count < rows { lines.append([]) }
        return lines
    }

    func languageName(_ tag: String) -> String {
        switch tag {
        case "nl": texts[.languageNl]
        case "en": texts[.languageEn]
        case "fr": texts[.languageFr]
        case "ar": texts[.languageAr]
        case "ary": texts[.languageAry]
        case "ary-Latn": texts[.languageAryLatn]
        default: setter.foreign(tag)
        }
    }

    func shortEnd(_ end: ReaderEnd) -> String {
        switch end {
        case .bridge: texts[.endShortBridge]
        case .host: texts[.endShortHost]
        case .meta: texts[.endShortMeta]
        case .none: texts[.endShortNone]
        }
    }

    func longEnd(_ end: ReaderEnd) -> String {
        switch end {
        case .bridge: texts[.endBridge]
        case .host: texts[.endHost]
        case .meta: texts[.endMeta]
        case .none: texts[.endNone]
        }
    }

    func channelName(_ channel: String) -> String {
        switch channel {
        case "xmpp": "XMPP"
        case "signal": "Signal"
        case "whatsapp": "WhatsApp"
        default: setter.foreign(channel)
        }
    }

    func botShort(_ bot: ReaderBot?) -> String {
        guard let bot else { return "" }
        let word =
            switch bot.decision {
            case .answer: texts[.botShortAnswer]
            case .ask: texts[.botShortAsk]
            case .handover: texts[.botShortHandover]
            case .urgent: texts[.botShortUrgent]
            case .smalltalk: texts[.botShortSmalltalk]
            case .language: texts[.botShortLanguage]
            case .unencrypted: texts[.botShortUnencrypted]
            case .silent: texts[.botShortSilent]
            case nil: "?"
            }
        return bot.topic.isEmpty ? word : word + ": " + setter.foreign(bot.topic)
    }

    func botLong(_ bot: ReaderBot) -> String {
        let topic = setter.foreign(bot.topic)
        let text =
            switch bot.decision {
            case .answer: texts(.botAnswer, ["topic": topic])
            case .ask: texts[.botAsk]
            case .handover: texts[.botHandover]
            case .urgent: texts[.botUrgent]
            case .smalltalk: texts[.botSmalltalk]
            case .language: texts[.botLanguage]
            case .unencrypted: texts[.botUnencrypted]
            case .silent: texts[.botSilent]
            case nil: "?"
            }
        guard !bot.reason.isEmpty else { return text }
        return text + " (" + reason(bot.reason) + ")"
    }

    private func reason(_ reason: String) -> String {
        switch reason {
        case "danger": texts[.reasonDanger]
        case "unsure": texts[.reasonUnsure]
        case "asked": texts[.reasonAsked]
        case "review": texts[.reasonReview]
        case "expired": texts[.reasonExpired]
        case "unencrypted": texts[.reasonUnencrypted]
        case "language": texts[.reasonLanguage]
        case "follow-up": texts[.reasonFollowUp]
        case "attachment": texts[.reasonAttachment]
        default: setter.foreign(reason)
        }
    }
}
