import Foundation
import Inbox
import StaffProtocol

/// One thing of a conversation as `--json` prints it. Texts are as they were written: a program that
/// shows them must make them safe. Empty: not so.
struct ItemReport: Encodable, Equatable {
    let id: String
    /// In which it stands: `c12`.
    let conversation: String
    let position: Int64
    /// `message`, `unreadable`, `note`, `tag`, `task`, `proposal`.
    let kind: String
    let at: String
    /// `contact`, `bot`, `staff`, `unknown`.
    let from: String
    /// Of staff: who.
    let member: String
    /// `opened`, `unreadable`, `closed`, `erased`, `damaged`.
    let state: String
    let text: String
    /// Why there is no text.
    let reason: String
    /// `conversation`, `desk`, `casework`, `payments`: who may read it.
    let compartment: String
    /// Messages: `end-to-end`, `none`.
    let protection: String
    /// Messages of ours: how far they came.
    let stage: String
    let code: String
    let language: String
    let topic: String
    /// Proposals: the topic's own text.
    let original: String
    let deviceIsNew: Bool
    /// Where the bridge says otherwise than what was sealed.
    let doubts: [String]
    let assignee: String
    /// `2026-11-21`.
    let due: String
    let outcome: String
    let closedAt: String
    let closedBy: String
    /// Messages with a file.
    let attachment: AttachmentReport?
    /// `correction`, `retraction`, `reaction`: what it does to another message, and to which; empty when that is not
    /// known here.
    let refers: String
    let refersTo: String
    /// What later messages of the contact did to this one.
    let retractedBy: String
    let correctedBy: String
    let reaction: String

    init(_ line: ConversationLine) {
        let item = line.item
        id = line.id.description
        conversation = ShortID(.conversation, item.conversation).description
        position = item.position
        kind = item.kind.rawValue
        at = Moments.iso(Milliseconds((line.at.timeIntervalSince1970 * 1000).rounded()))
        switch line.author {
        case .contact: (from, member) = ("contact", "")
        case .bot: (from, member) = ("bot", "")
        case .member(let name): (from, member) = ("staff", name)
        case .unknown: (from, member) = ("unknown", "")
        }
        text = line.text ?? ""
        switch line.content {
        case .message, .note, .tag, .task, .proposal: (state, reason) = ("opened", "")
        case .unreadable(_, let why): (state, reason) = ("unreadable", why)
        case .closed(let compartment): (state, reason) = ("closed", compartment.rawValue)
        case .erased: (state, reason) = ("erased", "")
        case .damaged(let why): (state, reason) = ("damaged", why)
        }
        compartment = line.compartment?.rawValue ?? ""
        protection = line.protection?.rawValue ?? ""
        stage = item.stage ?? ""
        if case .unreadable(let sealed, _) = line.content { code = sealed } else { code = item.code ?? "" }
        language = line.language ?? ""
        topic = line.topic ?? ""
        if case .proposal(_, let proposal) = line.content { original = proposal.original ?? "" } else { original = "" }
        deviceIsNew = line.deviceIsNew
        doubts = line.doubts.map(\.rawValue).sorted()
        assignee = item.assignee ?? ""
        due = item.due.map(Moments.day) ?? ""
        outcome = item.outcome ?? ""
        closedAt = Moments.iso(item.closedAt ?? 0)
        closedBy = item.closedBy ?? ""
        attachment = line.attachment.map { AttachmentReport($0, item.attachment) }
        refers = line.reference?.kind.rawValue ?? ""
        refersTo =
            line.reference.flatMap { $0.message == 0 ? nil : ShortID(.message, $0.message).description } ?? ""
        retractedBy = line.retractedBy?.description ?? ""
        correctedBy = line.correctedBy?.description ?? ""
        reaction = line.reaction ?? ""
    }
}

/// A conversation with its items: `sila show --json`.
struct ConversationReport: Encodable {
    let version = 1
    let conversation: RowReport
    let items: [ItemReport]
    /// To be given to `--older`; empty when there is nothing older.
    let older: String
    /// Older ones exist that this member is not served.
    let olderWithheld: Bool

    init(_ opened: OpenedConversation) {
        conversation = RowReport(opened.row)
        items = opened.lines.map(ItemReport.init)
        older = opened.older
        olderWithheld = opened.olderWithheld
    }
}
