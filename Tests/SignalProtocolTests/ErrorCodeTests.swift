import Foundation
import Testing

@testable import SignalProtocol

@Suite struct ErrorCodeTests {
    /// Fails when the installed header names an error code that `SignalError` does not know.
    @Test func everyCodeOfTheHeaderHasAMeaning() throws {
        let header = try #require(
            ["/usr/include", "/usr/local/include", "/opt/homebrew/include"]
                .map { $0 + "/signal/signal_protocol.h" }
                .first { FileManager.default.fileExists(atPath: $0) })
        let text = try String(contentsOfFile: header, encoding: .utf8)
        var kinds: [SignalError.Kind] = []
        for line in text.split(separator: "\n") where line.hasPrefix("#define SG_ERR_") {
            let words = line.split(separator: " ")
            let (name, code) = (String(words[1]), try #require(Int32(words[2])))
            guard name != "SG_ERR_MINIMUM" else { continue }
            kinds.append(SignalError.kind(of: code))
            #expect(SignalError.kind(of: code) != .unrecognised, "\(name) (\(code)) has no meaning in SignalError")
        }
        #expect(Set(kinds).count == kinds.count, "two codes share a meaning")
        #expect(Set(kinds) == Set(SignalError.Kind.allCases).subtracting([.unrecognised]))
    }

    @Test func theRawCodeIsKept() {
        let error = SignalError(code: -4711, operation: "test")
        #expect(error.kind == .unrecognised)
        #expect(error.rawCode == -4711)
        #expect(error.description.contains("-4711"))
    }
}
