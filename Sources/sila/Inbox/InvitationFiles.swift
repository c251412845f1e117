import InvitationCard
import StaffProtocol

/// The files that `sila invite` writes. They hold the invitation: only their owner can read them.
struct InvitationFiles {
    /// By the ending of a name.
    enum Form {
        case pdf, png

        init?(_ path: String) {
            let name = path.lowercased()
            if name.hasSuffix(".pdf") {
                self = .pdf
            } else if name.hasSuffix(".png") {
                self = .png
            } else {
                return nil
            }
        }
    }

    let card: String?
    let language: CardLanguage?
    let picture: String?

    /// Throws when a file is there already, or when no card could be drawn on this machine.
    func check() throws {
        for path in [card, picture].compactMap({ $0 }) where NewFiles.exists(path) {
            throw CommandFailure(.exists, "'\(path)' is there already. Name another file, or delete it.")
        }
        guard let language else { return }
        _ = try reporting { try Self.specimen(language).png() }
    }

    /// Gives the paths that were written.
    func write(_ codes: InvitationCodes) throws -> [String] {
        var written: [String] = []
        if let card, let language, let form = Form(card) {
            let drawn = try codes.card(language)
            let bytes = try reporting { form == .pdf ? try drawn.pdf() : try drawn.png() }
            try NewFiles.write(bytes, to: card, mode: 0o600)
            written.append(card)
        }
        if let picture {
            let modules = [codes.firstCode, codes.secondCode].compactMap { $0?.modules }
            try NewFiles.write(try reporting { try CodePicture.png(modules) }, to: picture, mode: 0o600)
            written.append(picture)
        }
        return written
    }

    /// A card of nobody, with every letter of its language.
    private static func specimen(_ language: CardLanguage) throws -> Card {
        guard let modules = QRCode("xmpp:somebody@example.org")?.modules else {
            throw CommandFailure(.software, "No QR code could be made: the library of this machine is damaged.")
        }
        return Card(
            language: language,
            way: .account(login: modules, us: modules, address: "somebody@example.org", password: "abcdefgh"),
            address: "somebody@example.org", telephone: "+442079460123", secondWay: "post@example.org",
            android: "Android", iPhone: "iPhone")
    }

    private func reporting(_ draw: () throws -> [UInt8]) throws -> [UInt8] {
        do {
            return try draw()
        } catch let problem as CardProblem {
            let code: CommandFailure.Code =
                switch problem {
                case .noFont: .missing
                case .doesNotFit: .data
                case .texts, .drawing: .software
                }
            throw CommandFailure(code, problem.description)
        }
    }
}
