import Foundation
import Sealing
import StaffProtocol
import Testing

/// `Documentation/roles.md` holds the table that is made here from `Role`. When it differs, run this
/// test with `SILA_WRITE_ROLES=1`, and read what changed.
@Suite struct RolesDocumentTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Documentation/roles.md").standardized
    private static let begin = "<!-- made from Role by RolesDocumentTests -->"
    private static let end = "<!-- end -->"

    @Test func theTablesAreThoseOfTheCode() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let head = try #require(text.range(of: Self.begin))
        let tail = try #require(text.range(of: Self.end))
        let written = text[head.upperBound..<tail.lowerBound]
        let made = "\n" + Self.tables() + "\n"
        if ProcessInfo.processInfo.environment["SILA_WRITE_ROLES"] == "1", made != written {
            try text.replacingCharacters(in: head.upperBound..<tail.lowerBound, with: made)
                .write(to: Self.page, atomically: true, encoding: .utf8)
        }
        #expect(made == written, "Documentation/roles.md is not what the code says")
    }

    @Test func whatARoleReadsItMayWrite() {
        for role in Role.allCases {
            #expect(role.readableCompartments.isSubset(of: role.writableCompartments), "\(role)")
        }
    }

    /// Whoever is served conversations can open them, and nobody else.
    @Test func whoIsServedConversationsHoldsTheirKey() {
        for role in Role.allCases {
            #expect(
                (role.access(to: .getConversation) != .none) == role.readableCompartments.contains(.conversation),
                "\(role)")
        }
    }

    private static func tables() -> String {
        (["### Compartments", ""] + compartments() + ["", "### Operations of the staff API", ""] + operations())
            .joined(separator: "\n")
    }

    private static func compartments() -> [String] {
        table(
            heading: ["compartment"],
            rows: Compartment.allCases.map { compartment in
                (
                    [compartment.rawValue],
                    { role in
                        let reads = role.readableCompartments.contains(compartment)
                        let writes = role.writableCompartments.contains(compartment)
                        return reads ? (writes ? "read, write" : "read") : (writes ? "write" : "–")
                    }
                )
            })
    }

    private static func operations() -> [String] {
        table(
            heading: ["register", "operation", "does"],
            rows: Endpoint.allCases.filter { !$0.isPublic }.map { endpoint in
                (
                    [register(endpoint), endpoint.rawValue, isRead(endpoint) ? "read" : "write"],
                    { role in
                        switch role.access(to: endpoint) {
                        case .none: "–"
                        case .assigned: "assigned"
                        case .all: "yes"
                        }
                    }
                )
            })
    }

    private static func table(heading: [String], rows: [([String], (Role) -> String)]) -> [String] {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let roles = Role.allCases
        return [
            line(heading + roles.map(\.rawValue)), "|" + String(repeating: "---|", count: heading.count + roles.count),
        ] + rows.map { names, cell in line(names + roles.map(cell)) }
    }

    private static func isRead(_ endpoint: Endpoint) -> Bool {
        endpoint.method == .get || endpoint == .suggest
    }

    /// What an operation is about.
    private static func register(_ endpoint: Endpoint) -> String {
        switch endpoint {
        case .getHealth, .getRoster, .makeChallenge, .logIn, .logOut, .whoAmI, .unlock, .getKeyring, .getStatus,
            .getBridgeIdentity, .acknowledgeGaps, .makeBackup:
            "bridge"
        case .listInbox, .getConversation, .streamArchive, .streamEvents, .reply, .assign, .takeOver, .setAttention,
            .hide, .suggest, .addPracticeContact, .listDevices, .decideDevice, .getArrivalWords, .setArrivalWords,
            .getAttachment, .getAttachmentContent, .setHeard, .addAttachment, .sendAttachment:
            "conversations"
        case .addEntry, .closeEntry: "notes, tags, tasks, proposals"
        case .listStaff, .getOpenWork, .setMemberSettings, .changeStaff: "people and keys"
        case .listAudit, .reportOpened: "audit log"
        case .getContactRecords, .eraseContact, .setPerson, .makeInvitation: "contacts"
        }
    }
}
