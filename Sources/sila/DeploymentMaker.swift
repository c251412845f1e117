import Foundation
import Glibc
import Sealing
import Unsealing

/// Where the working key of a new deployment goes.
enum NewKeyMode: String, CaseIterable {
    /// To a file; also for key mode `tpm`, into whose credential it is encrypted afterwards.
    case file
    /// Only into the keyring, wrapped for staff.
    case `operator`
}

/// Writes the files of a new deployment: all of them, or none.
///
/// A run that was cut off is cleared away by the next one (`UnfinishedMark`). That loses nothing:
/// the recovery words are shown only after the mark is gone.
struct DeploymentMaker {
    let files: DeploymentFiles
    let member: MemberID
    var keyMode = NewKeyMode.file

    private var allFiles: [String] {
        [
            files.staffKey(member), files.staffPin, files.profile, files.keyring, files.workingKey, files.roster,
            files.rosterPin,
        ]
    }

    /// Refuses what cannot end well, before a passphrase is asked for.
    func check() throws(CommandFailure) {
        let isInside = (files.keys + "/").hasPrefix(files.deployment + "/")
        guard !isInside else {
            throw CommandFailure(
                .permission,
                "The private keys would lie in the deployment's folder, where the daemon could read them. "
                    + "Name a folder outside of '\(files.deployment)' with --keys.")
        }
        // With the mark there, the files may be those of a run that was cut off.
        if !NewFiles.exists(files.unfinished) { try refuseOverwriting() }
    }

    private func refuseOverwriting() throws(CommandFailure) {
        let present = allFiles.filter(NewFiles.exists)
        guard present.isEmpty else {
            throw CommandFailure(
                .exists,
                "Nothing was made: these files are there already.\n"
                    + present.map { "  \($0)\n" }.joined()
                    + "Keys are never overwritten: what is sealed to them could not be opened any more. "
                    + "Name other folders, or move these files away. (If they are of a run just now that ended before it "
                    + "showed the recovery words, remove them: nothing is sealed to them yet.)")
        }
    }

    /// Makes folders and files. If anything fails, the files that were written are removed again.
    func make(_ founding: Founding) throws(CommandFailure) {
        try NewFiles.folder(files.deployment, mode: 0o755)
        try NewFiles.folder(files.daemonKeys, mode: 0o700)
        try NewFiles.folder(files.keys, mode: 0o700)
        try NewFiles.folder(files.store, mode: 0o700)
        let mark = try UnfinishedMark(files.unfinished)
        do {
            try refuseOverwriting()
            try mark.list(allFiles)
            try NewFiles.synchronize(folder: files.daemonKeys)
        } catch {
            try? mark.remove()
            throw error
        }
        do {
            try write(founding)
        } catch {
            discard()
            try? mark.remove()
            throw error
        }
        try mark.remove()
        try NewFiles.synchronize(folder: files.daemonKeys)
    }

    /// Takes back what `make` wrote, for when the recovery words could not be shown.
    func discard() {
        for path in allFiles { try? NewFiles.remove(path) }
    }

    private func write(_ founding: Founding) throws(CommandFailure) {
        var contents: [(path: String, bytes: [UInt8], mode: mode_t)]
        do {
            let pin = try founding.verified.pin.encoded()
            contents = [
                (files.staffKey(member), try founding.keyFile.encoded(), 0o600),
                (files.staffPin, pin, 0o600),
                (files.keyring, try founding.keyring.encoded(), 0o640),
                (files.profile, try StaffProfile(member: member, bridge: .socket(files.socket)).encoded(), 0o600),
                (files.roster, try founding.roster.encoded(), 0o640),
                (files.rosterPin, pin, 0o640),
            ]
        } catch {
            throw CommandFailure(error)
        }
        if keyMode == .file {
            contents.append((files.workingKey, WorkingKeySource.fileContents(founding.workingKey), 0o600))
        }
        for file in contents { try NewFiles.write(file.bytes, to: file.path, mode: file.mode) }
        for folder in [files.keys, files.daemonKeys, files.deployment] {
            try NewFiles.synchronize(folder: folder)
        }
    }
}
