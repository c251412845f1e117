/// Name and password of an account that is made for somebody: written off a card with a phone's keyboard.
///
/// Small letters only: no second page of the keyboard, no capitals, none of i, l and o, which look like others.
/// Nothing in a name says whose it is.
struct AccountWords: Sendable, Equatable {
    let name: String
    let password: String

    private static let consonants = Array("bdfghkmnprstvz")
    private static let vowels = Array("aeu")
    private static let letters = Array("abcdefghjkmnpqrstuvwxyz")

    /// Five syllables: 42⁵, 131 million names. It need not be secret, only free and easy to say.
    static let syllables = 5
    /// Of 23 letters each: 16 × log₂ 23 = 72 bits. Guessed at the server only, which takes a few tries a second.
    static let passwordLength = 16

    init(using generator: inout some RandomNumberGenerator) {
        name = (0..<Self.syllables).reduce(into: "") { name, _ in
            name.append(Self.draw(Self.consonants, using: &generator))
            name.append(Self.draw(Self.vowels, using: &generator))
        }
        password = (0..<Self.passwordLength).reduce(into: "") { password, _ in
            password.append(Self.draw(Self.letters, using: &generator))
        }
    }

    private static func draw(_ letters: [Character], using generator: inout some RandomNumberGenerator) -> Character {
        letters[Int.random(in: letters.indices, using: &generator)]
    }
}
