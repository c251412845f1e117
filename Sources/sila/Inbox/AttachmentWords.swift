import Inbox
import Messaging
import Sealing
import StaffProtocol

/// An attachment in one line. Its name is text of others.
enum AttachmentWords {
    /// `[voice note, length not known, 34 kB - a12; not heard yet]`
    ///
    /// - Parameter info: what the bridge says; `nil` when it says nothing.
    static func line(_ record: AttachmentRecord, _ info: AttachmentInfo?) -> String {
        var facts = [kind(record.kind)]
        if record.kind == .voice {
            facts.append("length not known")
        } else {
            facts.append("'\(Foreign.word(record.name))'")
        }
        if let info, info.size > 0 { facts.append(size(info.size - 16)) }
        guard let info else { return "[\(facts.joined(separator: ", "))]" }
        let state = state(info)
        return "[\(facts.joined(separator: ", ")) - \(info.shortID)\(state.isEmpty ? "" : "; \(state)")]"
    }

    static func kind(_ kind: AttachmentKind) -> String {
        switch kind {
        case .voice: "voice note"
        case .photo: "photo"
        case .video: "video"
        case .document: "document"
        }
    }

    static func size(_ bytes: Int64) -> String {
        switch bytes {
        case ..<1000: "\(max(0, bytes)) bytes"
        case ..<999_500: "\((bytes + 500) / 1000) kB"
        default: "\((bytes + 50_000) / 1_000_000).\((bytes + 50_000) / 100_000 % 10) MB"
        }
    }

    static func state(_ info: AttachmentInfo) -> String {
        let why = info.failure.map { " (\(Foreign.word($0)))" } ?? ""
        switch info.state {
        case "waiting":
            let tries = Counted.words(info.attempts, "try", "tries")
            return info.attempts == 0 ? "not here yet" : "not here yet: \(tries) in vain\(why)"
        case "failed": return "NOT FETCHED\(why)"
        case "too-large": return "NOT FETCHED: too large"
        case "uploading": return info.attempts == 0 ? "waits to be sent" : "waits to be sent\(why)"
        case "fetched" where info.kind == "voice":
            return info.heardAt == nil ? "not heard yet" : "heard by \(Foreign.word(info.heardBy ?? "staff"))"
        default: return ""
        }
    }
}

/// An attachment as `--json` prints it. The name is as it came.
struct AttachmentReport: Encodable, Equatable {
    let id: String
    let kind: String
    let name: String
    let state: String
    /// Bytes of the file; 0 while not known.
    let size: Int64
    let attempts: Int
    let failure: String
    /// Voice notes: when, by whom; empty: by nobody yet.
    let heardAt: String
    let heardBy: String

    init(_ record: AttachmentRecord, _ info: AttachmentInfo?) {
        id = info?.shortID.description ?? ""
        kind = record.kind.rawValue
        name = record.name
        state = info?.state ?? ""
        size = max(0, (info?.size ?? 0) - 16)
        attempts = info?.attempts ?? 0
        failure = info?.failure ?? ""
        heardAt = Moments.iso(info?.heardAt ?? 0)
        heardBy = info?.heardBy ?? ""
    }
}
