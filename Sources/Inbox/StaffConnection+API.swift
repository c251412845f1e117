import Foundation
import Sealing
import StaffProtocol

/// One method for each operation of the staff API (`Endpoint`).
///
/// Those that change something take an idempotency key: the same one again does nothing twice, so
/// they are repeated after a lost connection.
extension StaffConnection {
    public func health() async throws -> Health { try await answer(StaffRequest(.getHealth)) }

    /// The session as the bridge sees it.
    public func whoAmI() async throws -> SessionInfo { try await answer(StaffRequest(.whoAmI)) }

    /// Gives the working key to a bridge that waits for it.
    public func unlock(workingKey: SecretBytes) async throws {
        let request = UnlockRequest(workingKey: workingKey.withUnsafeBytes { Data($0) })
        let _: Done = try await answer(StaffRequest(.unlock, [:], request))
    }

    /// The stored form of the archive keyring: only wrapped keys.
    public func keyring() async throws -> [UInt8] { try await send(StaffRequest(.getKeyring)).body }

    public func status() async throws -> BridgeStatus { try await answer(StaffRequest(.getStatus)) }

    /// Takes the gaps that were shown off everybody's screen.
    /// - Parameter upTo: the highest id among them.
    public func acknowledgeGaps(upTo: Int64, key: IdempotencyKey = .random()) async throws {
        let _: Done = try await answer(StaffRequest(.acknowledgeGaps, [:], AcknowledgeGaps(upTo: upTo), key: key))
    }

    /// Asks the bridge's server for a place for somebody new. It is not asked again after a lost connection: the answer
    /// would be another invitation.
    public func makeInvitation() async throws -> Invitation {
        try await answer(StaffRequest(.makeInvitation), deadline: patience.longAnswer)
    }

    /// Has the bridge write a backup on its host. It is not asked again after a lost connection.
    public func makeBackup() async throws -> MadeBackup {
        try await answer(StaffRequest(.makeBackup), deadline: patience.longAnswer)
    }

    /// - Parameters:
    ///   - limit: 1 to 200 rows.
    ///   - after: `InboxPage.next` of the page before; empty for the first.
    public func inbox(_ filter: InboxFilter, limit: Int = 50, after: String = "") async throws -> InboxPage {
        var request = StaffRequest(.listInbox)
        request.query = [("filter", filter.rawValue), ("limit", "\(limit)")]
        if !after.isEmpty { request.query.append(("after", after)) }
        return try await answer(request)
    }

    /// - Parameters:
    ///   - before: `ConversationPage.older` of the page before; empty for the newest.
    ///   - limit: 1 to 500 items.
    ///   - wholePerson: with what stands in the person's other conversations.
    /// - Throws: `ForeignRecords` when the answer is of another conversation.
    public func conversation(
        _ id: Int64, before: String = "", limit: Int = 100, wholePerson: Bool = false
    ) async throws -> ConversationPage {
        var request = StaffRequest(.getConversation, ["conversation": "\(id)"])
        request.query = [("limit", "\(limit)")]
        if !before.isEmpty { request.query.append(("before", before)) }
        if wholePerson { request.query.append(("person", "true")) }
        let page: ConversationPage = try await answer(request)
        // Which conversations are one person's is the bridge's word; what was not asked for is refused all the same.
        let known = Set([id] + (wholePerson ? (page.linked ?? []).map(\.conversation) : []))
        if let other = ([page.row.conversation] + page.items.map(\.conversation)).first(where: { !known.contains($0) })
            ?? (page.row.conversation == id ? nil : page.row.conversation)
        {
            throw ForeignRecords(
                asked: "\(ShortID(.conversation, id))", got: "something of \(ShortID(.conversation, other))")
        }
        return page
    }

    public func reply(_ conversation: Int64, _ reply: ReplyRequest, key: IdempotencyKey = .random()) async throws
        -> Created
    {
        try await answer(StaffRequest(.reply, ["conversation": "\(conversation)"], reply, key: key))
    }

    public func assign(
        _ conversation: Int64, _ request: AssignmentRequest, key: IdempotencyKey = .random()
    ) async throws -> InboxRow {
        try await answer(StaffRequest(.assign, ["conversation": "\(conversation)"], request, key: key))
    }

    public func takeOver(
        _ conversation: Int64, _ request: TakeoverRequest, key: IdempotencyKey = .random()
    ) async throws -> InboxRow {
        try await answer(StaffRequest(.takeOver, ["conversation": "\(conversation)"], request, key: key))
    }

    public func setAttention(
        _ conversation: Int64, _ request: AttentionRequest, key: IdempotencyKey = .random()
    ) async throws -> InboxRow {
        try await answer(StaffRequest(.setAttention, ["conversation": "\(conversation)"], request, key: key))
    }

    /// "I know this person": takes a conversation out of the member's sight.
    public func hide(_ conversation: Int64, key: IdempotencyKey = .random()) async throws {
        var request = StaffRequest(.hide, ["conversation": "\(conversation)"])
        request.key = key
        let _: Done = try await answer(request)
    }

    /// What is known of a person's card.
    public func arrivalWords(_ conversation: Int64) async throws -> ArrivalWordsStatus {
        try await answer(StaffRequest(.getArrivalWords, ["conversation": "\(conversation)"]))
    }

    public func setArrivalWords(
        _ conversation: Int64, _ request: ArrivalWordsRequest, key: IdempotencyKey = .random()
    ) async throws -> ArrivalWordsStatus {
        try await answer(StaffRequest(.setArrivalWords, ["conversation": "\(conversation)"], request, key: key))
    }

    /// Says whose conversation it is.
    public func setPerson(
        _ conversation: Int64, _ request: PersonRequest, key: IdempotencyKey = .random()
    ) async throws -> InboxRow {
        try await answer(StaffRequest(.setPerson, ["conversation": "\(conversation)"], request, key: key))
    }

    public func addEntry(
        _ conversation: Int64, _ entry: NewEntry, key: IdempotencyKey = .random()
    ) async throws -> Created {
        try await answer(StaffRequest(.addEntry, ["conversation": "\(conversation)"], entry, key: key))
    }

    public func closeEntry(
        _ entry: Int64, _ request: CloseEntry, key: IdempotencyKey = .random()
    ) async throws -> SealedItem {
        try await answer(StaffRequest(.closeEntry, ["entry": "\(entry)"], request, key: key))
    }

    /// The sealed message of an attachment.
    public func attachment(_ id: Int64) async throws -> AttachmentPage {
        let page: AttachmentPage = try await answer(StaffRequest(.getAttachment, ["attachment": "\(id)"]))
        guard page.item.attachment?.id == id else {
            throw ForeignRecords(asked: "\(ShortID(.attachment, id))", got: "something else")
        }
        return page
    }

    /// The file as the bridge keeps it: sealed.
    public func attachmentContent(_ id: Int64) async throws -> [UInt8] {
        try await send(StaffRequest(.getAttachmentContent, ["attachment": "\(id)"]), deadline: patience.longAnswer).body
    }

    /// Lays a sealed file down at the bridge, to be sent with `sendAttachment`.
    public func addAttachment(
        _ conversation: Int64, sealed: [UInt8], key: IdempotencyKey = .random()
    ) async throws -> Created {
        var request = StaffRequest(.addAttachment, ["conversation": "\(conversation)"])
        request.body = sealed
        request.contentType = AttachmentFile.contentType
        request.key = key
        return try await answer(request, deadline: patience.longAnswer)
    }

    public func sendAttachment(
        _ id: Int64, _ attachment: NewAttachment, key: IdempotencyKey = .random()
    ) async throws -> Created {
        try await answer(StaffRequest(.sendAttachment, ["attachment": "\(id)"], attachment, key: key))
    }

    /// - Parameter heard: false: it is to be heard again.
    @discardableResult
    public func setHeard(_ id: Int64, _ heard: Bool, key: IdempotencyKey = .random()) async throws -> AttachmentInfo {
        try await answer(StaffRequest(.setHeard, ["attachment": "\(id)"], HeardRequest(heard: heard), key: key))
    }

    public func suggest(_ text: String) async throws -> Suggestions {
        try await answer(StaffRequest(.suggest, [:], SuggestionRequest(text: text)))
    }

    public func staff() async throws -> [StaffMember] { try await answer(StaffRequest(.listStaff)) }

    public func openWork(of member: MemberID) async throws -> OpenWork {
        try await answer(StaffRequest(.getOpenWork, ["member": member.rawValue]))
    }

    public func setSettings(
        _ settings: MemberSettings, of member: MemberID, key: IdempotencyKey = .random()
    ) async throws -> MemberSettings {
        try await answer(StaffRequest(.setMemberSettings, ["member": member.rawValue], settings, key: key))
    }

    /// Roster, keyring and reassignment in one go; then this machine's pin moves on.
    public func changeStaff(_ change: StaffChange, key: IdempotencyKey = .random()) async throws {
        let _: Done = try await answer(StaffRequest(.changeStaff, [:], change, key: key))
        try await refreshRoster()
    }

    /// - Parameter limit: 1 to 1,000 lines.
    public func audit(after line: Int64 = 0, limit: Int = 1_000) async throws -> AuditPage {
        var request = StaffRequest(.listAudit)
        request.query = [("after", "\(line)"), ("limit", "\(limit)")]
        return try await answer(request)
    }

    public func reportOpened(_ report: OpenedReport) async throws {
        let _: Done = try await answer(StaffRequest(.reportOpened, [:], report))
    }

    public func contactRecords(_ contact: Int64) async throws -> ContactRecords {
        try await answer(
            StaffRequest(.getContactRecords, ["contact": "\(contact)"]), deadline: patience.longAnswer)
    }

    /// - Parameter confirm: the contact's number once more, as the person typed it.
    public func erase(
        _ contact: Int64, confirm: Int64, key: IdempotencyKey = .random()
    ) async throws -> ErasureReport {
        let request = try StaffRequest(
            .eraseContact, ["contact": "\(contact)"], EraseRequest(confirm: confirm), key: key)
        return try await answer(request, deadline: patience.longAnswer)
    }

    /// - Parameters:
    ///   - story: its id; empty for one that this member had least.
    ///   - language: in which the learner is coached; `nil` for the deployment's.
    public func addPracticeContact(
        story: String = "", language: String? = nil, key: IdempotencyKey = .random()
    ) async throws -> InboxRow {
        try await answer(
            StaffRequest(.addPracticeContact, [:], PracticeRequest(story: story, language: language), key: key))
    }

    public func devices(of conversation: Int64) async throws -> ContactDevices {
        try await answer(StaffRequest(.listDevices, ["conversation": "\(conversation)"]))
    }

    public func decide(
        _ decision: DeviceDecision, about device: UInt32, of conversation: Int64, key: IdempotencyKey = .random()
    ) async throws -> ContactDevices {
        let parameters = ["conversation": "\(conversation)", "device": "\(device)"]
        return try await answer(StaffRequest(.decideDevice, parameters, decision, key: key))
    }

    public func bridgeIdentity() async throws -> BridgeIdentity { try await answer(StaffRequest(.getBridgeIdentity)) }
}
