import Foundation
import Testing

@testable import DeploymentConfiguration

@Suite struct SecretFileTests {
    private func with(_ bytes: [UInt8], mode: Int = 0o600, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sila-secret-\(UUID())").path
        #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        try body(path)
    }

    @Test(arguments: ["p w", "p w\n", "p w\r\n", "p w\n\n"])
    func theFirstLineIsThePassword(_ text: String) throws {
        try with(Array(text.utf8)) { path in
            let password = try SecretFile.read(path)
            #expect(password == "p w")
        }
    }

    @Test(arguments: [0o644, 0o640, 0o606])
    func aFileThatOthersMayReadIsRefused(_ mode: Int) throws {
        try with(Array("secret".utf8), mode: mode) { path in
            let error = #expect(throws: ConfigurationError.self) { try SecretFile.read(path) }
            #expect(error?.description.contains("chmod 600") == true)
            #expect(error?.description.contains("secret\n") == false)
        }
    }

    @Test(arguments: [[], [0x0a], Array("a\nb\n".utf8), [0xff], [UInt8](repeating: 0x61, count: 4097)] as [[UInt8]])
    func otherContentIsRefused(_ bytes: [UInt8]) throws {
        try with(bytes) { path in #expect(throws: ConfigurationError.self) { try SecretFile.read(path) } }
    }

    @Test func missingFilesAndFoldersAreRefused() {
        #expect(throws: ConfigurationError.self) { try SecretFile.read("/nowhere/at/all") }
        #expect(throws: ConfigurationError.self) { try SecretFile.read("/tmp") }
    }
}
