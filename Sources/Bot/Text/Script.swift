/// The scripts the bot tells apart.
enum Script: Sendable, Equatable {
    case latin, arabic, other
    /// No letters at all: digits, emojis, nothing.
    case none

    /// The script of most letters of a folded text.
    init(of text: FoldedText) {
        var latin = 0
        var arabic = 0
        var other = 0
        for scalar in text.scalars {
            switch scalar {
            case 0x61...0x7A: latin += 1
            case 0x600...0x6FF: arabic += 1
            case 0x20, 0x30...0x39: break
            default: other += 1
            }
        }
        let most = max(latin, arabic, other)
        if most == 0 {
            self = .none
        } else if arabic == most {
            self = .arabic
        } else {
            self = latin == most ? .latin : .other
        }
    }
}
