/// Reads the section `invitation`: what stands on the card that `sila invite` draws.
struct InvitationKeys {
    let section: Section

    /// As they are called in Android's and Apple's shops, and in F-Droid.
    static let android = "Conversations, Cheogram"
    static let iPhone = "Monal"

    func read() -> SilaConfiguration.Invitation {
        .init(
            telephone: telephone(), secondWay: line("second-way"), android: line("android") ?? Self.android,
            iPhone: line("iphone") ?? Self.iPhone)
    }

    /// ITU-T E.164 §6.2: a plus, a country code that does not begin with 0, 15 digits at most.
    private func telephone() -> String? {
        guard let text = section.string("telephone") else { return nil }
        let digits = text.dropFirst()
        let isNumber =
            text.hasPrefix("+") && (8...15).contains(digits.count) && digits.first != "0"
            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber else {
            section.fail(
                "telephone",
                "is '\(text.prefix(40))', but must be a whole number with its country, in quotes and without blanks: "
                    + "\"+442079460123\"")
            return nil
        }
        return text
    }

    /// A card is small: one line of 60 characters.
    private func line(_ key: String) -> String? {
        guard let text = section.string(key) else { return nil }
        guard text.count <= 60, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            section.fail(key, "must be one line of at most 60 characters: it stands on a small card")
            return nil
        }
        return text
    }
}
