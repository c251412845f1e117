import Messaging
import XMPP

extension XMPPLink: FileLink {
    func uploadSlot(name: String, size: Int64) async throws -> UploadSlot {
        guard let service = try await client.uploadService() else {
            throw UndeliverableError(
                code: "no-file-service", reason: "The XMPP server takes no files (XEP-0363).", isTemporary: true)
        }
        if let limit = service.limit, size > limit { throw Self.tooLarge(limit) }
        do {
            guard let slot = try await client.uploadSlot(at: service, name: name, size: size) else {
                throw UndeliverableError(
                    code: "no-slot", reason: "The file service gave no address over HTTPS.", isTemporary: true)
            }
            return UploadSlot(put: slot.put, headers: slot.headers, get: slot.get)
        } catch let error as StanzaError {
            // XEP-0363 §4.1 and §4.2.
            if error.condition == "not-acceptable" { throw Self.tooLarge(service.limit) }
            throw UndeliverableError(
                code: "no-slot", reason: "The file service refused: \(error.condition).", isTemporary: true)
        }
    }

    private static func tooLarge(_ limit: Int64?) -> UndeliverableError {
        UndeliverableError(
            code: limit.map { "too-large-for-server-\($0)" } ?? "too-large-for-server",
            reason: "The XMPP server takes no file of this size.", isTemporary: false)
    }
}
