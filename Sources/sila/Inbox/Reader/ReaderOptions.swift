import ArgumentParser
import Foundation
import InboxReader

/// Options of the interactive reader.
struct ReaderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Language of the reader: nl or en. Default: as LC_ALL, LC_MESSAGES or LANG say."),
        completion: .list(StaffTexts.Language.allCases.map(\.rawValue)))
    var language: StaffTexts.Language?

    /// What the reader says.
    func texts(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandFailure) -> StaffTexts {
        do throws(StaffTexts.Problem) {
            return try StaffTexts.embedded(language ?? .of(environment: environment))
        } catch {
            throw CommandFailure(.software, "The reader has no texts: \(error).")
        }
    }
}

extension StaffTexts.Language: ExpressibleByArgument {}
