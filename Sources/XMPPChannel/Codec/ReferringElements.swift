import Messaging
import XMPP

/// What a `<message/>` says of an earlier one, beside the words. Apps put these elements outside of what OMEMO 0.3
/// encrypts, which holds text only: whoever carries the message could have written them.
struct ReferringElements {
    /// The earlier message, and what is done to it.
    let reference: IncomingReference?
    /// The signs of a reaction, empty when they are taken off.
    let signs: String
    /// The ids that the sender's app gave this message.
    let names: [String]

    /// Signs that are read of one reaction; people put one.
    private static let mostSigns = 8
    /// Characters of one sign at most: the longest emoji are sequences of a dozen scalars.
    private static let longestSign = 4

    init(_ stanza: Element) {
        names = [stanza["id"], stanza.originID].compactMap { $0 }.filter { !$0.isEmpty }
        var signs: [String] = []
        if let reactions = stanza.first("reactions", Namespace.reactions), let id = reactions["id"] {
            // XEP-0444 §2.3: all signs of this sender, each once.
            signs = reactions.all("reaction", Namespace.reactions).prefix(Self.mostSigns)
                .map { String($0.text.prefix(Self.longestSign)) }.filter { !$0.isEmpty }
            reference = IncomingReference(kind: .reaction, target: id)
        } else if let id = Self.retracted(stanza) {
            reference = IncomingReference(kind: .retraction, target: id)
        } else if let id = stanza.first("replace", Namespace.correction)?["id"] {
            // XEP-0308 §3
            reference = IncomingReference(kind: .correction, target: id)
        } else {
            reference = nil
        }
        self.signs = signs.joined(separator: " ")
    }

    private static func retracted(_ stanza: Element) -> String? {
        // XEP-0424 v0.4 §4.1, and v0.2.
        if let id = stanza.first("retract", Namespace.retraction)?["id"] { return id }
        guard let fastened = stanza.first("apply-to", Namespace.fastening),
            fastened.first("retract", Namespace.oldRetraction) != nil
        else { return nil }
        return fastened["id"]
    }

    /// Whether the message's own text, if it has one, is only there for apps that know no better.
    var hasOnlyFallback: Bool { reference.map { $0.kind != .correction } ?? false }
}
