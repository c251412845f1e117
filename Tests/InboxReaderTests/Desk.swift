import Foundation
import Testing

@testable import InboxReader

/// A reader without a terminal: keys go in, questions come out, and the test answers them.
struct Desk {
    static let now: ReaderTime = 1_795_255_200_000  // 2026-11-21 10:00 UTC
    static let minute: ReaderTime = 60_000

    var state: ReaderState
    /// Questions that nobody answered yet.
    var questions: [(number: Int, request: ReaderRequest)] = []
    /// All that came out of the last input besides questions.
    var effects: [ReaderEffect] = []

    init(
        columns: Int = 80, rows: Int = 24, rights: Set<ReaderRight> = [.assign, .approve, .replyAlone],
        drafts: [ReaderDraft] = []
    ) {
        state = ReaderState(
            me: ReaderMe(member: "samira", role: "staff", rights: rights),
            size: ReaderSize(columns: columns, rows: rows), now: Self.now, changePrefix: "run")
        take(state.begin())
        answer {
            $0 == .drafts
        } with: {
            .success(.drafts(drafts))
        }
        answer {
            $0 == .members
        } with: {
            .success(.members(Self.members))
        }
    }

    /// A desk with the list fetched.
    static func ready(
        columns: Int = 80, rows: Int = 24, rights: Set<ReaderRight> = [.assign, .approve, .replyAlone],
        drafts: [ReaderDraft] = [], list: [ReaderRow] = Desk.rows
    ) -> Desk {
        var desk = Desk(columns: columns, rows: rows, rights: rights, drafts: drafts)
        desk.answerList(list)
        return desk
    }

    /// A desk with a conversation open.
    static func open(
        columns: Int = 80, rows: Int = 24, rights: Set<ReaderRight> = [.assign, .approve, .replyAlone],
        drafts: [ReaderDraft] = [], row: ReaderRow = Desk.karim, lines: [ReaderLine] = Desk.lines
    ) -> Desk {
        var desk = ready(columns: columns, rows: rows, rights: rights, drafts: drafts, list: [row])
        desk.press(.enter)
        desk.answerOpen(row, lines)
        return desk
    }

    // MARK: Inputs

    mutating func take(_ effects: [ReaderEffect]) {
        self.effects = []
        for effect in effects {
            if case .ask(let number, let request) = effect {
                questions.append((number, request))
            } else {
                self.effects.append(effect)
            }
        }
    }

    mutating func send(_ input: ReaderInput) { take(state.handle(input)) }
    mutating func press(_ keys: Key...) { for key in keys { send(.key(key)) } }
    mutating func type(_ text: String) { for character in text { send(.key(.character(character))) } }
    mutating func later(_ milliseconds: ReaderTime) { send(.tick(state.now + milliseconds)) }

    /// Answers the first question that fits.
    mutating func answer(
        _ matches: (ReaderRequest) -> Bool, with result: () -> Result<ReaderAnswer, ReaderFailure>,
        _ location: SourceLocation = #_sourceLocation
    ) {
        guard let index = questions.firstIndex(where: { matches($0.request) }) else {
            Issue.record("nobody asked; open are: \(questions.map(\.request))", sourceLocation: location)
            return
        }
        let question = questions.remove(at: index)
        send(.answer(question.number, result()))
    }

    mutating func answerList(_ rows: [ReaderRow], _ location: SourceLocation = #_sourceLocation) {
        let page = ReaderPage(
            rows: rows, waiting: rows.filter { $0.waitsSince > 0 }.count,
            danger: rows.filter { $0.dangerSince > 0 }.count)
        answer({ if case .list = $0 { true } else { false } }, with: { .success(.page(page)) }, location)
    }

    mutating func answerOpen(
        _ row: ReaderRow, _ lines: [ReaderLine], older: String = "", _ location: SourceLocation = #_sourceLocation
    ) {
        let page = ReaderConversation(row: row, lines: lines, older: older)
        answer(
            { if case .open(row.id, _) = $0 { true } else { false } }, with: { .success(.conversation(page)) }, location
        )
    }

    /// Answers the change that is under way.
    mutating func answerChange(
        _ result: Result<ReaderAnswer, ReaderFailure> = .success(.changed),
        _ location: SourceLocation = #_sourceLocation
    ) {
        answer({ if case .change = $0 { true } else { false } }, with: { result }, location)
    }

    // MARK: What came out

    /// The changes that were asked for and not answered, with their ids.
    var changes: [(change: ReaderChange, id: String)] {
        questions.compactMap { if case .change(let change, _, let id) = $0.request { (change, id) } else { nil } }
    }
    /// The drafts that were given to be kept, oldest first.
    var kept: [ReaderDraft] {
        questions.compactMap { if case .keep(let draft) = $0.request { draft } else { nil } }
    }

    /// The window as a person sees it, without invisible scalars and spaces at the ends.
    func screen(language: String = "en", setter: Typesetter = Typesetter()) throws -> [String] {
        try frame(language: language, setter: setter).text.map { line in
            var scalars = line.unicodeScalars.filter { !(0x2066...0x2069).contains($0.value) }
            while scalars.last == " " { scalars.removeLast() }
            return String(String.UnicodeScalarView(scalars))
        }
    }

    func frame(language: String = "en", setter: Typesetter = Typesetter()) throws -> Frame {
        Screen(state, texts: try Texts.of(language), setter: setter, zone: .gmt).frame()
    }

    func shows(_ text: String, language: String = "en") throws -> Bool {
        try screen(language: language).contains { $0.contains(text) }
    }
}

/// The sentences of the repository.
enum Texts {
    static func of(_ language: String) throws -> StaffTexts { try StaffTexts(po: source(language)) }

    static func source(_ language: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Translations/\(language)/staff.po"), encoding: .utf8)
    }
}
