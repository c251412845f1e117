/// Which keys there are on each page: the bar at the foot and the help are made from it.
struct KeyHint: Sendable, Equatable {
    /// As it stands on the keyboard.
    let key: String
    /// One word for the bar.
    let label: TextKey
    /// A sentence for the help; `nil`: the word is enough.
    var help: TextKey?
    /// Whether it stands in the help only.
    var isRare = false
}

enum KeyTable {
    static func hints(for page: Page, state: ReaderState) -> [KeyHint] {
        let me = state.me
        switch page {
        case .list: return list(me)
        case .conversation: return conversation(state)
        case .compose(let compose):
            return [
                KeyHint(key: "Ctrl-S", label: finish(compose, state), help: .helpSend),
                KeyHint(key: "PgUp", label: .keyScroll, help: .helpComposeScroll),
                KeyHint(key: "Esc", label: .keyKeepDraft, help: .helpKeepDraft),
                KeyHint(key: "Ctrl-U", label: .keyEraseLine, isRare: true),
                KeyHint(key: "Ctrl-W", label: .keyEraseWord, isRare: true),
            ]
        case .confirm(let confirm): return self.confirm(confirm)
        case .prompt: return [KeyHint(key: "Enter", label: .keyOK), KeyHint(key: "Esc", label: .keyBack)]
        case .pick: return [choose, KeyHint(key: "Enter", label: .keyOK), KeyHint(key: "Esc", label: .keyBack)]
        case .suggestions:
            return [
                KeyHint(key: "Enter", label: .keySendAsIs, help: .helpSendAsIs),
                KeyHint(key: "e", label: .keyEdit, help: .helpEdit),
                KeyHint(key: "k", label: .keyAskColleague, help: .helpAskColleague),
                KeyHint(key: "←→", label: .keyOthers, help: .helpOtherSuggestions),
                KeyHint(key: "v", label: .keyVariety, help: .helpVariety),
                KeyHint(key: "Esc", label: .keyBack), help,
            ]
        case .proposal(let line, _):
            if line.author == me.member {
                return [KeyHint(key: "b", label: .keyWithdraw), KeyHint(key: "Esc", label: .keyBack)]
            }
            guard me.rights.contains(.approve) else { return [KeyHint(key: "Esc", label: .keyBack)] }
            return approving
        case .results:
            return [
                choose, KeyHint(key: "Enter", label: .keyOpen), KeyHint(key: "/", label: .keySearch),
                KeyHint(key: "Esc", label: .keyBack), help,
            ]
        case .help: return [KeyHint(key: "↑↓", label: .keyScroll), KeyHint(key: "Esc", label: .keyBack)]
        }
    }

    static let approving = [
        KeyHint(key: "Enter", label: .keyApprove, help: .helpApprove),
        KeyHint(key: "b", label: .keyGiveBack, help: .helpGiveBack),
        KeyHint(key: "Tab", label: .keyOthers, help: .helpOtherProposals), KeyHint(key: "Esc", label: .keyBack), help,
    ]
    private static let choose = KeyHint(key: "↑↓", label: .keyChoose)
    private static let help = KeyHint(key: "?", label: .keyHelp)

    static func list(_ me: ReaderMe) -> [KeyHint] {
        var hints = [
            KeyHint(key: "Enter", label: .keyOpen, help: .helpOpen),
            KeyHint(key: "n", label: .keyNext, help: .helpNext),
            KeyHint(key: "f", label: .keyFilter, help: .helpFilter),
            KeyHint(key: "/", label: .keySearch, help: .helpSearch),
            KeyHint(key: "d", label: .keyToday, help: .helpToday),
        ]
        if me.rights.contains(.assign) {
            hints.append(KeyHint(key: "a", label: .keyAssign, help: .helpAssign))
        }
        hints += [
            KeyHint(key: "!", label: .keyDanger, help: .helpDanger, isRare: true),
            KeyHint(key: "Ctrl-L", label: .keyRedraw, help: .helpRedraw, isRare: true),
            KeyHint(key: "q", label: .keyQuit, help: .helpQuit), help,
        ]
        return hints
    }

    static func conversation(_ state: ReaderState) -> [KeyHint] {
        let me = state.me
        let row = state.conversation?.row
        let isMine = row?.takenOverBy == me.member
        var hints: [KeyHint] = []
        if row?.proposals ?? 0 > 0 { hints.append(KeyHint(key: "p", label: .keyProposal, help: .helpProposal)) }
        hints += [
            KeyHint(key: "r", label: .keyReply, help: .helpReply),
            KeyHint(key: "s", label: .keySuggestions, help: .helpSuggestions),
            KeyHint(key: "c", label: .keyNote, help: .helpNote),
            KeyHint(key: "e", label: .keyRead, help: .helpRead),
            KeyHint(key: "n", label: .keyNext, help: .helpNext),
            KeyHint(key: "t", label: isMine ? .keyHandBack : .keyTakeOver, help: .helpTakeOver),
        ]
        if me.rights.contains(.assign) {
            hints.append(KeyHint(key: "a", label: .keyAssign, help: .helpAssign))
        }
        hints += [
            KeyHint(key: "w", label: .keyTask, help: .helpTask),
            KeyHint(key: "g", label: .keyTag, help: .helpTag),
            KeyHint(key: "i", label: .keyItems, help: .helpItems),
        ]
        if row?.proposals ?? 0 == 0 {
            hints.append(KeyHint(key: "p", label: .keyProposal, help: .helpProposal, isRare: true))
        }
        hints += [
            KeyHint(key: "C", label: .keyConfidential, help: .helpConfidential, isRare: true),
            KeyHint(key: "u", label: .keyUnread, help: .helpUnread, isRare: true),
        ]
        if me.rights.contains(.hide) {
            hints.append(KeyHint(key: "x", label: .keyHide, help: .helpHide, isRare: true))
        }
        hints += [KeyHint(key: "Esc", label: .keyBack), help]
        return hints
    }

    /// What becomes of what is written.
    private static func finish(_ compose: Compose, _ state: ReaderState) -> TextKey {
        guard compose.key.purpose == .reply else { return .keySave }
        return state.needsSecond(compose) ? .keyPropose : .keySend
    }

    private static let inTheClear = KeyHint(key: "o", label: .keySendReadable)

    private static func confirm(_ confirm: Confirm) -> [KeyHint] {
        let back = KeyHint(key: "Esc", label: .keyBack)
        switch confirm {
        case .send:
            return [
                KeyHint(key: "Enter", label: .keySendNow), KeyHint(key: "k", label: .keyAskColleague), back,
            ]
        case .propose, .proposeAnyway: return [KeyHint(key: "Enter", label: .keyPropose), back]
        case .approve: return [KeyHint(key: "Enter", label: .keySendNow), back]
        case .sendAnyway:
            return [
                KeyHint(key: "Enter", label: .keySendAnyway), KeyHint(key: "k", label: .keyAskColleague), back,
            ]
        case .approveAnyway: return [KeyHint(key: "Enter", label: .keySendAnyway), back]
        case .sendInTheClear: return [inTheClear, back, KeyHint(key: "k", label: .keyAskColleague)]
        case .approveInTheClear: return [inTheClear, back]
        case .withdraw, .takeFrom, .hide, .dangerRead: return [KeyHint(key: "Enter", label: .keyYes), back]
        }
    }
}
