import ArgumentParser
import Foundation
import Inbox
import Sealing
import StaffAgent
import StaffProtocol
import Testing

@testable import Inbox
@testable import sila

@Suite struct ExitStatusTests {
    @Test(arguments: APIError.Code.allCases)
    func everyAnswerOfTheBridgeHasAnExitStatus(_ code: APIError.Code) {
        let expected: CommandFailure.Code =
            switch code {
            case .unauthenticated, .forbidden, .needsSecondPerson: .permission
            case .notFound: .missing
            case .conflict, .keyReused, .locked, .tooMany, .unavailable: .again
            case .internalError: .software
            case .malformed, .methodNotAllowed, .tooLarge, .refused, .notEncrypted: .data
            }
        #expect(CommandFailure(APIError(code, "words")).code == expected)
    }

    @Test(arguments: ConnectionError.Kind.allCases)
    func aBridgeThatIsNotReachedIs69(_ kind: ConnectionError.Kind) {
        let expected: Int32 = kind == .noAccess ? 77 : kind == .internalFailure ? 70 : 69
        #expect(CommandFailure(ConnectionError(kind, "words")).code.rawValue == expected)
    }

    @Test func aRosterThatMustNotBeTrustedIs65AndLoud() {
        let failure = CommandFailure(RosterRefusal(error: .notPinned))
        #expect(failure.code == .data)
        #expect(failure.description.hasPrefix("WARNING"))
    }

    @Test func withoutAnAgentItIs66() {
        #expect(CommandFailure(AgentError(.notUnlocked, "words")).code == .missing)
        #expect(CommandFailure(AgentError(.otherUser, "words")).code == .permission)
    }

    @Test func wordsOfABadBridgeAreMadeSafe() {
        #expect(!CommandFailure(APIError(.refused, Sample.escapes)).description.hasHarmfulScalars)
        #expect(!CommandFailure(ConnectionError(.lost, Sample.escapes)).description.hasHarmfulScalars)
        #expect(!APIError(.conflict, Sample.escapes).sentence.hasHarmfulScalars)
    }

    @Test func whatTheBridgeSaysBeginsWithACapital() {
        #expect(CommandFailure(APIError(.notFound, "there is no such thing")).description == "There is no such thing")
        #expect(APIError(.conflict, "the bridge waits").sentence == "The bridge waits.")
        #expect(APIError(.conflict, "nadia has it: ask them").sentence == "nadia has it: ask them.", "as it is typed")
        #expect(APIError(.conflict, "").sentence == ".")
    }

    @Test(arguments: [
        ["show"], ["show", "m12"], ["show", "c0"], ["show", "c12", "--limit", "0"], ["reply"],
        ["reply", "c12", "text", "--resume"], ["reply", "c12", "--resume", "--discard"],
        ["reply", "c12", "text", "--topic", "x"], ["approve", "c7"], ["assign", "c12", "Not A Name"],
        ["inbox", "--mine", "--all"], ["inbox", "-i", "--json"], ["search"], ["task", "done", "c5"],
        ["contact", "erase", "t5"], ["show", "c12", "--socket", "/a", "--host", "b"],
    ])
    func wrongCommandLinesEndWith64(_ arguments: [String]) {
        #expect {
            try Sila.parseAsRoot(arguments)
        } throws: { Sila.exitCode(for: $0).rawValue == 64 }
    }

    @Test func idsAreTakenAsAPersonTypesThem() throws {
        let show = try #require(try Sila.parseAsRoot(["show", "C12"]) as? ShowCommand)
        #expect(show.conversation.number == 12)
        let reply = try #require(try Sila.parseAsRoot(["reply", "12", "-"]) as? ReplyCommand)
        #expect(reply.conversation?.number == 12)
        #expect(reply.text == "-")
        let assign = try #require(try Sila.parseAsRoot(["assign", "c12", "nobody"]) as? AssignCommand)
        #expect(assign.member.name.isEmpty)
        #expect(ContactArgument(argument: "c12")?.kind == .conversation(12))
        #expect(ContactArgument(argument: "contact-3")?.kind == .contact(3))
        #expect(ContactArgument(argument: "3")?.kind == .conversation(3), "as everywhere")
    }

    @Test func everyCommandSaysHowItEnds() {
        for help in [
            Sila.helpMessage(for: InboxCommand.self), Sila.helpMessage(for: ShowCommand.self),
            Sila.helpMessage(for: ReplyCommand.self), Sila.helpMessage(for: SearchCommand.self),
            Sila.helpMessage(for: DoctorCommand.self), Sila.helpMessage(for: AuditVerify.self),
            Sila.helpMessage(for: ContactEraseCommand.self), Sila.helpMessage(for: TodayCommand.self),
        ] {
            #expect(help.contains("EXIT STATUS"))
        }
    }
}
