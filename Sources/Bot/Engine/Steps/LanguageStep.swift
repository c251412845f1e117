/// The name of a language alone changes the language: `english`, `العربية`, `darija`. The choice
/// holds until the contact makes another.
enum LanguageStep: TurnStep {
    static func take(_ turn: inout Turn) -> Bool {
        guard let wanted = language(named: turn.understanding.folded) else { return false }
        turn.change(to: wanted)
        turn.state.chosenVariety = wanted
        turn.classify(.language)
        turn.say([.languageChanged])
        return true
    }

    private static func language(named text: FoldedText) -> Variety? {
        guard !text.isEmpty, text.words.count <= 4 else { return nil }
        var wanted: Variety?
        for word in text.strings {
            if let variety = names[word] {
                guard wanted == nil || wanted == variety else { return nil }
                wanted = variety
            } else if !fillers.contains(word) {
                return nil
            }
        }
        return wanted
    }

    private static let names: [String: Variety] = {
        let lists: [(Variety, String)] = [
            (.nl, "nederlands dutch hollands neerlandais hollandais hollandiya holandiya الهولنديه هولنديه هولندي"),
            (
                .en,
                "english engels anglais inglizi ingliziya negliziya angliziya الانجليزيه انجليزيه انجليزي الانكليزيه"
            ),
            (.fr, "francais french frans fransi faransi الفرنسيه فرنسيه فرنسي الفرونسي"),
            (.ar, "العربيه عربيه عربي العربي arabic arabe arabisch 3arabiya 3arbiya arabiya fos7a fusha الفصحى"),
            (.ary, "الدارجه دارجه بالدارجه المغربيه"),
            (.aryLatn, "darija daridja derja darja dardja"),
        ]
        var names: [String: Variety] = [:]
        for (variety, list) in lists {
            for word in list.split(separator: " ") {
                for folded in FoldedText(String(word)).strings { names[folded] = variety }
            }
        }
        return names
    }()

    private static let fillers: Set<String> = Set(
        """
        please pls svp stp in en het de the le la l b bl f fi speak parle parler spreek spreken alsjeblieft aub graag \
        3afak 3afakom من فضلك ب بال عافاك عافاكم اللغه لغه language taal langue
        """.split(whereSeparator: \.isWhitespace).flatMap { FoldedText(String($0)).strings })
}
