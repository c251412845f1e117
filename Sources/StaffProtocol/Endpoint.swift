import Sealing

/// Every operation of the staff API. The raw value is its `operationId` in `openapi.yaml`.
public enum Endpoint: String, CaseIterable, Sendable {
    // Without a log-in.
    case getHealth, getRoster, makeChallenge, logIn
    // For every member.
    case logOut, whoAmI, unlock, getKeyring, getStatus, acknowledgeGaps
    case listInbox, getConversation, streamArchive, streamEvents
    case reply, assign, takeOver, setAttention, hide
    case getArrivalWords, setArrivalWords, setPerson
    case addEntry, closeEntry
    case getAttachment, getAttachmentContent, setHeard, addAttachment, sendAttachment
    case suggest, listStaff, getOpenWork, setMemberSettings, changeStaff
    case listAudit, reportOpened
    case getContactRecords, eraseContact, addPracticeContact
    case listDevices, decideDevice, getBridgeIdentity
    case makeInvitation, makeBackup

    public enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

    public var method: Method {
        switch self {
        case .getHealth, .getRoster, .whoAmI, .getKeyring, .getStatus, .listInbox, .getConversation, .streamArchive,
            .streamEvents, .getAttachment, .getAttachmentContent, .listStaff, .getOpenWork, .listAudit,
            .getContactRecords, .listDevices, .getBridgeIdentity, .getArrivalWords:
            .get
        case .assign, .takeOver, .setAttention, .setHeard, .setMemberSettings, .setArrivalWords, .setPerson: .put
        case .logOut: .delete
        default: .post
        }
    }

    /// The path, `{…}` for what varies.
    public var path: String {
        switch self {
        case .getHealth: "/v1/health"
        case .getRoster: "/v1/roster"
        case .makeChallenge: "/v1/session/challenge"
        case .logIn, .logOut, .whoAmI: "/v1/session"
        case .unlock: "/v1/unlock"
        case .getKeyring: "/v1/keyring"
        case .getStatus: "/v1/status"
        case .acknowledgeGaps: "/v1/gaps/acknowledge"
        case .listInbox: "/v1/inbox"
        case .getConversation: "/v1/conversations/{conversation}"
        case .streamArchive: "/v1/archive"
        case .streamEvents: "/v1/events"
        case .reply: "/v1/conversations/{conversation}/replies"
        case .assign: "/v1/conversations/{conversation}/assignment"
        case .takeOver: "/v1/conversations/{conversation}/takeover"
        case .setAttention: "/v1/conversations/{conversation}/attention"
        case .hide: "/v1/conversations/{conversation}/hide"
        case .getArrivalWords, .setArrivalWords: "/v1/conversations/{conversation}/arrival-words"
        case .setPerson: "/v1/conversations/{conversation}/person"
        case .addEntry: "/v1/conversations/{conversation}/entries"
        case .closeEntry: "/v1/entries/{entry}/close"
        case .getAttachment: "/v1/attachments/{attachment}"
        case .getAttachmentContent: "/v1/attachments/{attachment}/content"
        case .setHeard: "/v1/attachments/{attachment}/heard"
        case .addAttachment: "/v1/conversations/{conversation}/attachments"
        case .sendAttachment: "/v1/attachments/{attachment}/send"
        case .suggest: "/v1/suggestions"
        case .listStaff: "/v1/staff"
        case .getOpenWork: "/v1/staff/{member}/open"
        case .setMemberSettings: "/v1/staff/{member}/settings"
        case .changeStaff: "/v1/staff/changes"
        case .listAudit: "/v1/audit"
        case .reportOpened: "/v1/audit/opened"
        case .getContactRecords: "/v1/contacts/{contact}/records"
        case .eraseContact: "/v1/contacts/{contact}/erase"
        case .addPracticeContact: "/v1/practice"
        case .listDevices: "/v1/conversations/{conversation}/devices"
        case .decideDevice: "/v1/conversations/{conversation}/devices/{device}"
        case .getBridgeIdentity: "/v1/bridge/identity"
        case .makeInvitation: "/v1/invitations"
        case .makeBackup: "/v1/backups"
        }
    }

    /// Whether it is answered without a session.
    public var isPublic: Bool {
        switch self {
        case .getHealth, .getRoster, .makeChallenge, .logIn: true
        default: false
        }
    }

    /// Whether it is answered while the bridge waits for its working key.
    public var worksLocked: Bool {
        switch self {
        case .getHealth, .getRoster, .makeChallenge, .logIn, .logOut, .whoAmI, .unlock, .getKeyring: true
        default: false
        }
    }

    /// Whether it changes something and must carry an idempotency key. An invitation does not: the answer to a key is
    /// kept, and the bridge keeps no invitation. One that was made twice is used by nobody. A backup does not either: two
    /// are better than none.
    public var needsIdempotencyKey: Bool {
        switch self {
        case .reply, .assign, .takeOver, .setAttention, .hide, .addEntry, .closeEntry, .setHeard, .addAttachment,
            .sendAttachment, .setMemberSettings, .changeStaff, .eraseContact, .addPracticeContact, .decideDevice,
            .acknowledgeGaps, .setArrivalWords, .setPerson:
            true
        default: false
        }
    }
}

/// How far a role may use an operation.
public enum Access: String, Sendable {
    case none
    /// Only conversations assigned to the member, and there the last 90 days.
    case assigned
    case all
}

extension Role {
    /// Days of a conversation that a role with `assigned` access is served.
    public static let servedDays: Int64 = 90

    /// What this role may do. The table in `Documentation/roles.md` is made from this and tested
    /// against the running server.
    public func access(to endpoint: Endpoint) -> Access {
        switch endpoint {
        case .getHealth, .getRoster, .makeChallenge, .logIn, .logOut, .whoAmI, .getKeyring, .getStatus: .all
        case .unlock, .acknowledgeGaps: [.coordinator, .staff].contains(self) ? .all : .none
        case .listInbox, .getConversation, .streamArchive, .reply, .takeOver, .setAttention, .addEntry,
            .closeEntry, .reportOpened, .getAttachment, .getAttachmentContent, .setHeard,
            .addAttachment, .sendAttachment:
            switch self {
            case .coordinator, .staff: .all
            case .intern: .assigned
            case .finance, .auditor: .none
            }
        case .streamEvents:
            // Others are sent what concerns no conversation.
            self == .intern ? .assigned : .all
        case .listDevices:
            switch self {
            case .coordinator, .staff: .all
            case .intern: .assigned
            case .finance, .auditor: .none
            }
        case .decideDevice: [.coordinator, .staff].contains(self) ? .all : .none
        case .getBridgeIdentity: .all
        case .assign, .getArrivalWords, .setArrivalWords, .setPerson, .makeInvitation:
            [.coordinator, .staff].contains(self) ? .all : .none
        case .hide: self == .intern ? .assigned : .none
        case .suggest: [.coordinator, .staff, .intern].contains(self) ? .all : .none
        case .addPracticeContact: [.coordinator, .staff, .intern].contains(self) ? .all : .none
        case .listStaff: .all
        case .getOpenWork, .setMemberSettings, .changeStaff, .eraseContact, .makeBackup:
            self == .coordinator ? .all : .none
        case .getContactRecords: [.coordinator, .staff].contains(self) ? .all : .none
        case .listAudit: [.coordinator, .auditor].contains(self) ? .all : .none
        }
    }
}
