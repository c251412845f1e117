import Foundation
import Sealing

@testable import Unsealing
@testable import sila

/// A folder for one test, removed with it.
final class Scratch {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("sila-test-\(UUID())")
            .resolvingSymlinksInPath().path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func files(deployment: String = "d", keys: String = "k") throws -> DeploymentFiles {
        try DeploymentFiles(deployment: path + "/" + deployment, keys: path + "/" + keys)
    }

    func member(_ name: String = "amina") throws -> MemberID {
        guard let id = MemberID(rawValue: name) else { throw CommandFailure(.software, "name") }
        return id
    }

    func maker(deployment: String = "d", keys: String = "k") throws -> DeploymentMaker {
        DeploymentMaker(files: try files(deployment: deployment, keys: keys), member: try member())
    }

    /// A founding with cheap passphrase parameters.
    func founding() throws -> Founding {
        try Founding(
            coordinator: member(), passphrase: Passphrase("a passphrase for tests"), at: Date(),
            scrypt: ScryptParameters(
                salt: [UInt8](repeating: 1, count: 16), rounds: 1024, blockSize: 8, parallelism: 1))
    }

    func mode(_ path: String) throws -> Int {
        let value = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        return (value as? NSNumber)?.intValue ?? -1
    }

    /// The files below a folder, by relative path.
    func listing(_ folder: String = "") -> Set<String> {
        let root = path + "/" + folder
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return Set(
            names.filter { name in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: root + "/" + name, isDirectory: &isFolder)
                    && !isFolder.boolValue
            })
    }
}
