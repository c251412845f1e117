import Foundation
import Inbox
import InboxReader
import Sealing
import StaffProtocol

extension ReaderLine {
    /// A thing of a conversation as the reader draws it.
    init(_ line: ConversationLine, in row: InboxRow) {
        let item = line.item
        var original = ""
        if case .proposal(_, let proposal) = line.content { original = proposal.original ?? "" }
        self.init(
            Self.kind(line), number: item.id, shortID: line.id.description, position: item.position,
            at: ReaderTime((line.at.timeIntervalSince1970 * 1000).rounded()), author: Self.author(line),
            body: Self.file(line).map { .file($0) } ?? Self.body(line.content), endsAt: Self.end(line, row),
            stage: item.stage == "intent" && item.code == "new-device" ? .held : item.stage.flatMap(Self.stage),
            assignee: item.assignee ?? "",
            due: item.due.flatMap { $0 > 0 ? $0 : nil }, topic: line.topic ?? "", original: original,
            outcome: item.outcome.flatMap { Outcome(rawValue: $0) }, closedBy: item.closedBy ?? "",
            remarks: Self.remarks(line))
    }

    private static func remarks(_ line: ConversationLine) -> [Remark] {
        var remarks: [Remark] = line.deviceIsNew ? [.newDevice] : []
        if isDoubtful(line) { remarks.append(.doubtful) }
        switch line.reference?.kind {
        case .correction: remarks.append(.corrects)
        case .retraction: remarks.append(.takesBack)
        case .reaction: remarks.append(.reacts)
        case nil: break
        }
        if line.correctedBy != nil { remarks.append(.corrected) }
        if line.retractedBy != nil { remarks.append(.takenBack) }
        return remarks
    }

    /// Messages are sealed in one compartment: one that comes from another was put there.
    private static func isDoubtful(_ line: ConversationLine) -> Bool {
        !line.doubts.isEmpty || (line.item.kind == .message && line.wasOpened && line.compartment != .conversation)
    }

    /// What was sealed says whose it is; what does not open is named as the bridge names it.
    private static func kind(_ line: ConversationLine) -> Kind {
        switch line.item.kind {
        case .unreadable: return .contact
        case .note: return line.compartment == .casework ? .confidentialNote : .note
        case .tag: return .tag
        case .task: return .task
        case .proposal: return .proposal
        case .message:
            switch line.author {
            case .contact: return .contact
            case .bot: return .bot
            case .member: return .staff
            case .unknown:
                guard line.item.direction == "out" else { return .contact }
                return line.item.author?.isEmpty == false ? .staff : .bot
            }
        }
    }

    private static func author(_ line: ConversationLine) -> String {
        switch line.author {
        case .member(let name): name
        case .contact, .bot: ""
        case .unknown: line.item.author ?? ""
        }
    }

    /// A file that came alone; words beside one are shown, and the file with `sila show`.
    private static func file(_ line: ConversationLine) -> File? {
        guard let record = line.attachment, line.text?.isEmpty ?? true else { return nil }
        let info = line.item.attachment
        let kind: File.Kind =
            switch record.kind {
            case .voice: .voice
            case .photo: .photo
            case .video: .video
            case .document: .document
            }
        let state: File.State =
            switch info?.state {
            case "failed", "too-large": .lost
            case "waiting", "uploading": .onItsWay
            default: info?.kind != "voice" ? .here : info?.heardAt == nil ? .unheard : .heard
            }
        return File(
            kind: kind, id: info?.shortID.description ?? "",
            size: info.map { $0.size > 0 ? AttachmentWords.size($0.size - 16) : "" } ?? "", state: state)
    }

    private static func body(_ content: ConversationLine.Content) -> Body {
        switch content {
        case .message(let text), .note(let text), .tag(let text), .task(let text), .proposal(let text, _):
            .text(text)
        case .unreadable(let code, _): .unreadable(code)
        case .closed: .withheld
        case .erased: .erased
        case .damaged: .damaged
        }
    }

    /// Where the encryption of this message ended; practice reaches nobody.
    private static func end(_ line: ConversationLine, _ row: InboxRow) -> ReaderEnd? {
        guard let protection = line.protection, !row.isPractice else { return nil }
        guard protection == .endToEnd else { return ReaderEnd.none }
        // The row tells of the last message; one that was encrypted came to the bridge so.
        return row.endsAt == .none ? .bridge : ReaderEnd(row.endsAt)
    }

    /// `nil` for a stage that this program does not know.
    private static func stage(_ word: String) -> Stage? {
        switch word {
        case "intent", "prepared": .waiting
        case "handed-over": .handedOver
        case "confirmed": .confirmed
        case "uncertain": .uncertain
        case "failed": .failed
        default: nil
        }
    }
}
