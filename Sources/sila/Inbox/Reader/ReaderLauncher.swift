import ArgumentParser
import Foundation
import Glibc
import InboxReader
import Inbox
import StaffProtocol

/// Starts the interactive inbox.
enum ReaderLauncher {
    /// Before anybody is asked for a passphrase. Throws `ValidationError` (exit status 64) unless keys can be
    /// read and a page be drawn.
    static func requireTerminal(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO) throws {
        guard isatty(input) == 1, isatty(output) == 1 else {
            throw ValidationError(
                "-i needs a terminal, for standard input and for standard output. Without one: 'sila inbox' and "
                    + "'sila inbox --json'.")
        }
    }

    /// Runs until the person quits.
    static func run(_ session: BridgeSession, _ options: ReaderOptions, reorders: Bool) async throws {
        try requireTerminal()
        let environment = ProcessInfo.processInfo.environment
        let texts = try options.texts(environment: environment)
        let me = try await me(session.work, texts)
        var shown = InboxReader.Options.from(environment: environment)
        shown.reorders = reorders
        let reader = InboxReader(
            me: me, texts: texts, backend: InboxBackend(session, texts: texts), options: shown)
        do {
            try await reader.run()
        } catch {
            throw CommandFailure(.io, "The terminal cannot be used: \(error.description).")
        }
    }

    /// Who sits here. Throws `CommandFailure` (77) for a role that is served no conversations.
    static func me(_ work: InboxSession, _ texts: StaffTexts) async throws -> ReaderMe {
        guard let role = try await work.connection.role() else {
            throw APIError(.unauthenticated, texts.session(.notMember))
        }
        guard role != .finance, role != .auditor else {
            throw CommandFailure(.permission, "Your role (\(role.rawValue)) is served no conversations.")
        }
        // What a coordinator decided for one intern; the bridge decides anew each time.
        let settings: MemberSettings? =
            role == .intern
            ? try await work.connection.staff().first { $0.member == work.connection.member.rawValue }?.settings : nil
        return ReaderMe(
            member: work.connection.member.rawValue, role: texts.session(.role(role)),
            rights: ReaderRight.rights(of: role, settings))
    }
}
