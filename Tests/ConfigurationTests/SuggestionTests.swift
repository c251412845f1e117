import Testing

@testable import DeploymentConfiguration

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "abc", 3), ("port", "port", 0), ("prot", "port", 1), ("pot", "port", 1),
        ("part", "port", 1), ("kitten", "sitting", 3),
    ])
    func distancesAreCounted(_ left: String, _ right: String, _ expected: Int) {
        #expect(Suggestion.distance(left, right) == expected)
        #expect(Suggestion.distance(right, left) == expected)
    }

    @Test func onlyWhatIsNearIsSuggested() {
        let keys = ["jid", "password-file", "port"]
        #expect(Suggestion.nearest(to: "prot", in: keys) == "port")
        #expect(Suggestion.nearest(to: "PASSWORD_FILE", in: keys) == "password-file")
        #expect(Suggestion.nearest(to: "colour", in: keys) == nil)
        #expect(Suggestion.nearest(to: String(repeating: "x", count: 100_000), in: keys) == nil)
    }
}
