import Foundation
import StaffProtocol

/// What is known of a conversation without opening anything, in lines above it.
struct RowText {
    let row: InboxRow
    let now: Milliseconds
    let display: Display
    var zone = TimeZone.current

    var id: String { ShortID(.conversation, row.conversation).description }

    func lines() -> [Display.Line] {
        var facts = [id, row.isPractice ? "PRACTICE contact \(row.contact)" : "contact \(row.contact)"]
        facts.append(Foreign.word(row.channel))
        facts.append(
            row.isPractice
                ? "reaches nobody"
                : row.endsAt == .none ? "NOT ENCRYPTED" : "encryption ends at \(InboxTable.end(row.endsAt))")
        facts.append("speaks \(row.language.isEmpty ? "?" : Foreign.word(row.language))")
        facts.append("for \(row.assigned.isEmpty ? "nobody" : Foreign.word(row.assigned))")
        var lines = display.wrapped(
            facts.joined(separator: " · "), weight: row.endsAt == .none && !row.isPractice ? .alarm : .strong)
        if row.dangerSince > 0 {
            lines += display.wrapped(
                "DANGER since \(Moments.clockAndSince(row.dangerSince, now: now, zone: zone)), "
                    + "read by nobody of staff.",
                weight: .alarm, indent: 2)
        }
        if let person = row.person { lines += PersonText(row: row, person: person).lines(display) }
        if row.waitsSince > 0 {
            lines += display.wrapped(
                "Waits since \(Moments.clockAndSince(row.waitsSince, now: now, zone: zone)).", indent: 2)
        }
        if !row.takenOverBy.isEmpty {
            lines += display.wrapped(
                "Taken over by \(Foreign.word(row.takenOverBy)) until "
                    + "\(Moments.clock(row.takenOverUntil, zone: zone)): the bot is silent.",
                indent: 2)
        }
        if let count = row.newDevices {
            let wait = row.held.map { "\(Counted.words($0, "reply waits", "replies wait")) for your decision" }
            lines += display.wrapped(
                "\(Counted.words(count, "new device", "new devices")), not confirmed\(wait.map { ": " + $0 } ?? ""): "
                    + "sila device list \(id)",
                weight: .alarm, indent: 2)
        }
        if let bot = row.bot { lines += display.wrapped(Self.words(bot), indent: 2) }
        let open = InboxTable.open(row)
        if !open.isEmpty { lines += display.wrapped("Open: \(open.joined(separator: ", ")).", indent: 2) }
        return lines
    }

    private static func words(_ bot: BotNote) -> String {
        let candidates = bot.candidates.map {
            "\(Foreign.word($0.topic)) \(Int(($0.confidence * 100).rounded()))%"
        }
        let asked = bot.target.isEmpty ? "" : ", and asked: \(Foreign.word(bot.target))"
        let best = candidates.isEmpty ? "" : ". Likely: \(candidates.joined(separator: ", "))"
        return "The bot \(InboxTable.words(bot))\(asked)\(best)."
    }
}
