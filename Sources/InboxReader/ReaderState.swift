/// The reader as a state machine: it takes an input and says what is to be done. It draws nothing, waits
/// for nothing and knows no terminal; `Screen` draws it, `ReaderLoop` does what it says.
struct ReaderState: Sendable, Equatable {
    /// Milliseconds after the last key until a draft is kept, and that a notice stays.
    static let draftPause: ReaderTime = 800
    static let noticeTime: ReaderTime = 8_000
    /// Milliseconds between two tries to reach the bridge.
    static let retryPause: ReaderTime = 10_000
    /// Milliseconds within which letters are a run: somebody types words, or pastes them.
    static let runPause: ReaderTime = 150
    /// Milliseconds between two looks at today's work while it stands on the screen: each asks and opens much.
    static let todayPause: ReaderTime = 60_000
    /// The same to keep a draft that could not be kept.
    static let keepPause: ReaderTime = 5_000

    let me: ReaderMe
    var size: ReaderSize
    var now: ReaderTime
    /// The lowest is the list; never empty.
    var pages: [Page] = [.list]
    var list = ListModel()
    var conversation: ConversationModel?
    var members: [ReaderMember] = []
    var drafts: [DraftKey: ReaderDraft] = [:]
    /// What was sent and not yet answered: the draft stays until it is.
    var sending: [DraftKey: Int] = [:]
    var isUp = true
    var triedAt: ReaderTime
    var notice: Notice?
    /// A warning that stays until somebody took note of it.
    var alarm: String?
    var isEnding = false
    /// When a letter was last typed, and whether the one at hand came in a run with it.
    var typedAt: ReaderTime = .min
    var isRun = false
    /// Drafts that the backend could not keep, by what they are to become: tried again until it could.
    var unkept: [DraftKey: ReaderDraft] = [:]
    private var triedKeepingAt: ReaderTime = 0
    /// Whether the reader ends also when a draft cannot be kept, and whether somebody was told that one was not.
    private var mustEnd = false
    private var wasTold = false
    /// The number of the newest request to keep a draft.
    private var lastKeep: [DraftKey: Int] = [:]

    /// Whether something happened since today's work was asked for, and when that was.
    private var isTodayStale = false
    private var todayAskedAt: ReaderTime = 0

    private var pending: [Int: ReaderRequest] = [:]
    private var lastNumber = 0
    private let changePrefix: String
    private var lastChange = 0
    var effects: [ReaderEffect] = []

    /// - Parameter changePrefix: unique for this run; ids of changes are made from it.
    init(me: ReaderMe, size: ReaderSize, now: ReaderTime, changePrefix: String) {
        self.me = me
        self.size = size
        self.now = now
        self.changePrefix = changePrefix
        triedAt = now
    }

    var page: Page { pages.last ?? .list }

    /// What is done first.
    mutating func begin() -> [ReaderEffect] {
        effects = []
        ask(.drafts)
        ask(.members)
        refreshList()
        return effects
    }

    mutating func handle(_ input: ReaderInput) -> [ReaderEffect] {
        effects = []
        switch input {
        case .key(let key):
            if !isEnding { take(key) }
        case .size(let size):
            self.size = size
            effects.append(.redraw)
        case .tick(let now): tick(now)
        case .answer(let number, let result): answer(number, result)
        case .event(let event): take(event)
        case .suspend:
            keepCompose()
            effects.append(.suspend)
        case .resumed:
            effects.append(.redraw)
            refreshAll()
        case .terminate: end(isForced: true)
        }
        fitWindows()
        return effects
    }

    // MARK: Asking

    @discardableResult
    mutating func ask(_ request: ReaderRequest) -> Int {
        lastNumber += 1
        pending[lastNumber] = request
        if case .keep(let draft) = request { lastKeep[DraftKey(draft)] = lastNumber }
        effects.append(.ask(lastNumber, request))
        return lastNumber
    }

    func isPending(_ matches: (ReaderRequest) -> Bool) -> Bool { pending.values.contains(where: matches) }

    /// The request that an answer belongs to.
    mutating func settle(_ number: Int) -> ReaderRequest? { pending.removeValue(forKey: number) }

    mutating func newChange() -> String {
        lastChange += 1
        return "\(changePrefix)-\(lastChange)"
    }

    mutating func change(_ change: ReaderChange, in conversation: Int64) {
        ask(.change(change, conversation: conversation, id: newChange()))
    }

    mutating func refreshList() {
        triedAt = now
        let isUnderWay = isPending {
            if case .list = $0 { return true }
            return false
        }
        if isUnderWay { list.isStale = true } else { ask(.list(list.filter, limit: list.limit)) }
    }

    mutating func refreshConversation() {
        guard let id = conversation?.row.id else { return }
        if isPending({ $0 == .open(id, before: "") }) {
            conversation?.isStale = true
        } else {
            ask(.open(id, before: ""))
        }
    }

    mutating func askToday() {
        isTodayStale = false
        todayAskedAt = now
        ask(.today)
    }

    /// Fetches the page of today again, when it stands there and something happened.
    private mutating func refreshToday() {
        guard isTodayStale, case .results(let results) = page, results.words == nil, !isPending({ $0 == .today }),
            now - todayAskedAt >= Self.todayPause || now < todayAskedAt
        else { return }
        askToday()
    }

    mutating func refreshAll() {
        isTodayStale = true
        refreshList()
        refreshConversation()
        if members.isEmpty { ask(.members) }
    }

    mutating func say(_ key: TextKey, _ values: [String: String] = [:], _ tone: Notice.Tone = .plain) {
        // What is dangerous stays until a key is pressed.
        notice = Notice(key: key, values: values, tone: tone, until: tone == .danger ? .max : now + Self.noticeTime)
    }

    // MARK: Drafts

    /// What lies on the disk: what was sent or forgotten in another window is not offered again. What is being
    /// written or sent here, or was kept since it was asked for, is newer.
    mutating func take(_ found: [ReaderDraft], askedAs number: Int) {
        var drafts: [DraftKey: ReaderDraft] = [:]
        for draft in found where !draft.text.isEmpty { drafts[DraftKey(draft)] = draft }
        var own = Set(sending.keys).union(unkept.keys)
        own.formUnion(lastKeep.filter { $0.value > number }.keys)
        for case .compose(let compose) in pages { own.insert(compose.key) }
        for key in own { drafts[key] = self.drafts[key] }
        self.drafts = drafts
    }

    /// A draft could not be kept: it is tried again, and nobody quits without being told.
    mutating func notKept(_ draft: ReaderDraft) {
        unkept[DraftKey(draft)] = draft
        triedKeepingAt = now
        say(.draftNotKept, [:], .danger)
        guard isEnding, !mustEnd else { return }
        isEnding = false
        effects.append(.stay)
    }

    // MARK: Time and end

    private mutating func tick(_ now: ReaderTime) {
        // A clock that jumps back would keep notices and drafts waiting.
        if now < self.now { notice = nil }
        self.now = now
        if let notice, notice.until <= now { self.notice = nil }
        if case .compose(let compose) = page, compose.dirtySince > 0,
            now - compose.dirtySince >= Self.draftPause || now < compose.dirtySince
        {
            keepCompose()
        }
        if !unkept.isEmpty, now - triedKeepingAt >= Self.keepPause || now < triedKeepingAt {
            triedKeepingAt = now
            for draft in unkept.values.sorted(by: { $0.at < $1.at }) { ask(.keep(draft)) }
        }
        refreshToday()
        if !isUp || !list.isLoaded, now - triedAt >= Self.retryPause || now < triedAt { refreshAll() }
    }

    /// Ends: drafts first. Who quits while one could not be kept is told, and quits with a second key.
    mutating func end(isForced: Bool = false) {
        if isForced { mustEnd = true }
        guard !isEnding else { return }
        keepCompose()
        if !isForced, !unkept.isEmpty, !wasTold {
            wasTold = true
            return say(.draftNotKept, [:], .danger)
        }
        if wasTold { mustEnd = true }
        isEnding = true
        effects.append(.quit)
    }

    private mutating func take(_ event: ReaderEvent) {
        switch event {
        case .changed(let id):
            isTodayStale = true
            refreshList()
            if id == nil || id == conversation?.row.id { refreshConversation() }
        case .link(let isUp):
            let wasUp = self.isUp
            self.isUp = isUp
            if isUp, !wasUp {
                say(.linkBack, [:], .good)
                refreshAll()
            }
        case .alarm(let text):
            alarm = text
            effects.append(.ring)
        case .ended:
            isUp = false
            say(.sessionEnded, [:], .danger)
        }
    }

    /// Fits what is shown into the window.
    private mutating func fitWindows() {
        let geometry = Geometry(self)
        list.follow(height: geometry.listHeight)
        conversation?.fit(size.columns)
        let height = geometry.messagesHeight
        conversation?.scroll(by: 0, height: height)
        if let target = conversation?.target, conversation?.isLoaded == true {
            conversation?.show(target, height: height)
            conversation?.target = nil
        }
        if case .compose(var compose) = page {
            let layout = compose.editor.layout(columns: geometry.editorColumns)
            let most = max(geometry.editorHeight, 1)
            compose.top = min(compose.top, layout.cursorRow, max(layout.rows.count - most, 0))
            if layout.cursorRow >= compose.top + most { compose.top = layout.cursorRow - most + 1 }
            pages[pages.count - 1] = .compose(compose)
        }
    }
}
