/// Small numbers as people answer with them: `2`, `٢`, `2️⃣`, `nr 2`, `the second`, `jouj`.
enum Numbers {
    /// The one number in a short text that says nothing else; `nil` otherwise.
    static func single(in text: FoldedText) -> Int? {
        guard !text.isEmpty, text.words.count <= 4 else { return nil }
        var number: Int?
        for word in text.strings {
            if let value = Int(word) ?? words[word] {
                guard number == nil || number == value else { return nil }
                number = value
            } else if !fillers.contains(word) {
                return nil
            }
        }
        return number
    }

    private static let words: [String: Int] = {
        let lists = [
            "one first een eerste un une premier premiere wahed wa7ed wahda wa7da lwl lowla louwla واحد واحده الاول الاولى اللول اللولى",
            "two second twee tweede deux deuxieme seconde jouj joj zouj zoj juj tani tanya ttania اثنان اثنين الثاني الثانيه جوج زوج التانيه التاني",
            "three third drie derde trois troisieme tlata tleta talta ttalta ثلاثه الثالث الثالثه تلاته التالته التالت",
            "four fourth vier vierde quatre quatrieme reb3a arb3a rab3a اربعه الرابع الرابعه ربعه",
            "five fifth vijf vijfde cinq cinquieme khamsa khemsa 5amsa خمسه الخامس الخامسه",
        ]
        var table: [String: Int] = [:]
        for (index, list) in lists.enumerated() {
            for word in list.split(separator: " ") {
                for folded in FoldedText(String(word)).strings { table[folded] = index + 1 }
            }
        }
        return table
    }()

    private static let fillers: Set<String> = Set(
        """
        nr no num numero nummer number n the de het le la l option optie choix keuze رقم الرقم نمره النيمرو nimero nimro \
        please svp
        """.split(whereSeparator: \.isWhitespace).flatMap { FoldedText(String($0)).strings })
}
