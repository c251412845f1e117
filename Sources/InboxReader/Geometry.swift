import TerminalText

/// How the window is divided. From above: title, warning if there is one, the page, the notice, the keys.
struct Geometry: Sendable, Equatable {
    /// Below this a window is narrow: columns go, what stood beside stands below.
    static let narrow = 60

    let size: ReaderSize
    /// Rows above the page.
    let above: Int
    /// The warning in rows; made safe.
    let alarm: [String]
    /// Rows of the page.
    let body: Int
    /// Rows of the page's heading in a conversation.
    let header: Int
    /// Rows of the pane in which is written, its heading included; 0 without one.
    let composeHeight: Int
    /// Rows below the list that say more about the chosen one.
    let detail: Int

    init(_ state: ReaderState) {
        size = state.size
        alarm = state.alarm.map { Self.alarmRows($0, columns: state.size.columns) } ?? []
        // A warning of several rows stands below its heading.
        above = state.alarm == nil ? 1 : alarm.count > 1 ? alarm.count + 2 : 2
        body = max(size.rows - above - 2, 1)
        header = body >= 14 ? 3 : body >= 8 ? 2 : 1
        detail = body >= 10 ? 4 : 0
        if case .compose(let compose) = state.page {
            let rows = compose.editor.layout(columns: max(size.columns - 2, 8)).rows.count + 1
            // A third of the window, more as the text grows, and something of the conversation always.
            composeHeight = min(max(rows, body / 3, 4), max(body - header - 4, 3), body)
        } else {
            composeHeight = 0
        }
    }

    /// Columns that the words beside a warning of one row take.
    private static let besideAlarm = 30
    private static let longestAlarm = 3

    private static func alarmRows(_ alarm: String, columns: Int) -> [String] {
        let text = Typesetter().foreign(alarm)
        guard DisplayWidth.columns(of: text) > columns - besideAlarm else { return [text] }
        return Array(Wrapping.wrap(text, columns: max(columns - 1, 8)).prefix(longestAlarm))
    }

    var isNarrow: Bool { size.columns < Self.narrow }
    var listHeight: Int { max(body - detail, 1) }
    var messagesHeight: Int { max(body - header - composeHeight, 1) }
    var editorHeight: Int { max(composeHeight - 1, 1) }
    var editorColumns: Int { max(size.columns - 2, 8) }
}
