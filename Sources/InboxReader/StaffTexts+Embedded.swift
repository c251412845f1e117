extension StaffTexts {
    /// A language of the interface.
    public enum Language: String, Sendable, CaseIterable {
        case dutch = "nl"
        case english = "en"

        /// As the environment asks for (POSIX.1-2017 §8.2: `LC_ALL`, `LC_MESSAGES`, `LANG`; the first that is
        /// set counts); English for all others.
        public static func of(environment: [String: String]) -> Language {
            let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
            let tag = locale?.prefix { $0 != "_" && $0 != "." && $0 != "@" && $0 != "-" } ?? ""
            return Language(rawValue: tag.lowercased()) ?? .english
        }
    }

    /// The texts that are part of this program: a staff machine has the program and no other file. Throws
    /// `Problem` when it was built with a damaged `staff.po`.
    public static func embedded(_ language: Language) throws(Problem) -> StaffTexts {
        let bytes =
            switch language {
            case .dutch: PackageResources.staff_nl_po
            case .english: PackageResources.staff_en_po
            }
        return try StaffTexts(po: String(decoding: bytes, as: UTF8.self))
    }
}
