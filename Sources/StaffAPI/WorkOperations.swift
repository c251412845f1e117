import Foundation
import Sealing
import StaffProtocol

/// The operations on conversations, people and logs: decoded here, done by the service.
struct WorkOperations: Sendable {
    let service: any StaffService
    let directory: any StaffDirectory
    let viewer: Viewer
    let request: StaffRequest
    let path: String

    func read() async throws -> Answer? {
        let query = request.query
        switch request.endpoint {
        case .getStatus: return try .value(try await service.status(for: viewer))
        case .listInbox:
            let limit = try query.limit(in: Limits.inboxRows, default: 50)
            return .json(
                PageJSON.encode(
                    try await service.inbox(query.filter(), limit: limit, after: query.cursor("after"), for: viewer)))
        case .getConversation:
            let limit = try query.limit(in: Limits.conversationItems, default: 100)
            return .json(
                PageJSON.encode(
                    try await service.conversation(
                        conversation(), before: query.cursor("before"), limit: limit,
                        wholePerson: query.flag("person"), for: viewer)))
        case .getArrivalWords: return try .value(try await service.arrivalWords(conversation(), for: viewer))
        case .getAttachment:
            let id = try request.route.number("attachment")
            return try .value(try await service.attachment(id, for: viewer))
        case .getAttachmentContent:
            let file = try await service.attachmentFile(request.route.number("attachment"), for: viewer)
            return .stream(contentType: AttachmentFile.contentType, try FileBody.of(file))
        case .suggest:
            return try .value(try await service.suggest(request.decode(SuggestionRequest.self), for: viewer))
        case .listDevices: return try .value(try await service.devices(of: conversation(), for: viewer))
        case .getBridgeIdentity: return try .value(try await service.bridgeIdentity(for: viewer))
        case .makeInvitation: return try .value(try await service.makeInvitation(for: viewer))
        case .makeBackup: return try .value(try await service.makeBackup(for: viewer))
        case .listStaff:
            return try .value(try await service.staff(await directory.roster().verified, for: viewer))
        case .getOpenWork: return try .value(try await service.openWork(of: request.route.member(), for: viewer))
        case .listAudit:
            let limit = try query.limit(in: Limits.auditLines, default: 200)
            return try .value(try await service.audit(after: query.number("after"), limit: limit, for: viewer))
        case .reportOpened:
            return try .value(try await service.reportOpened(request.decode(OpenedReport.self), for: viewer))
        case .getContactRecords:
            return try .value(try await service.contactRecords(request.route.number("contact"), for: viewer))
        default: return nil
        }
    }

    func change() async throws -> Answer? {
        guard request.endpoint.needsIdempotencyKey else { return nil }
        let call = try request.call(viewer, path: path)
        switch request.endpoint {
        case .reply:
            return try .value(try await service.reply(conversation(), request.decode(ReplyRequest.self), call))
        case .assign:
            return try .value(try await service.assign(conversation(), request.decode(AssignmentRequest.self), call))
        case .takeOver:
            return try .value(try await service.takeOver(conversation(), request.decode(TakeoverRequest.self), call))
        case .setAttention:
            return try .value(
                try await service.setAttention(conversation(), request.decode(AttentionRequest.self), call))
        case .setArrivalWords:
            return try .value(
                try await service.setArrivalWords(conversation(), request.decode(ArrivalWordsRequest.self), call))
        case .setPerson:
            return try .value(try await service.setPerson(conversation(), request.decode(PersonRequest.self), call))
        case .hide: return try .value(try await service.hide(conversation(), call))
        case .addEntry:
            return try .value(try await service.addEntry(conversation(), request.decode(NewEntry.self), call))
        case .closeEntry:
            let entry = try request.route.number("entry")
            return try .value(try await service.closeEntry(entry, request.decode(CloseEntry.self), call))
        case .addAttachment:
            return try .value(try await service.addAttachment(conversation(), request.body, call))
        case .sendAttachment:
            let id = try request.route.number("attachment")
            return try .value(try await service.sendAttachment(id, request.decode(NewAttachment.self), call))
        case .setHeard:
            let id = try request.route.number("attachment")
            return try .value(try await service.setHeard(id, request.decode(HeardRequest.self), call))
        case .decideDevice:
            guard let device = UInt32(exactly: try request.route.number("device")) else {
                throw APIError(.notFound, "the contact has no such device: see 'sila device list'")
            }
            return try .value(
                try await service.decide(request.decode(DeviceDecision.self), about: device, of: conversation(), call))
        case .setMemberSettings:
            let member = try request.route.member()
            return try .value(try await service.setSettings(request.decode(MemberSettings.self), of: member, call))
        case .changeStaff: return try .value(try await directory.apply(request.decode(StaffChange.self), call))
        case .eraseContact:
            let contact = try request.route.number("contact")
            let erase = try request.decode(EraseRequest.self)
            guard erase.confirm == contact else {
                throw APIError(.refused, "'confirm' is not the number of the contact in the path: nothing was erased")
            }
            return try .value(try await service.erase(contact, erase, call))
        case .acknowledgeGaps:
            return try .value(try await service.acknowledgeGaps(request.decode(AcknowledgeGaps.self), call))
        case .addPracticeContact:
            return try .value(try await service.addPracticeContact(request.decode(PracticeRequest.self), call))
        default: return nil
        }
    }

    private func conversation() throws(APIError) -> Int64 { try request.route.number("conversation") }
}
