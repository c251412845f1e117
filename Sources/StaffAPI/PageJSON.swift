import Foundation
import StaffProtocol

/// The two answers that staff wait for all day, written as JSON field by field: byte for byte what
/// `StrictJSON.encode` gives, in a fraction of the time. A test compares the two.
struct PageJSON: ~Copyable {
    private var output: JSONOutput

    static func encode(_ page: InboxPage) -> [UInt8] {
        var json = PageJSON(capacity: 256 + page.rows.count * 768)
        json.add("{\"danger\":", page.danger)
        json.add(",\"event\":", page.event)
        json.add(",\"next\":", page.next)
        json.add(",\"rows\":", page.rows) { $0.add($1) }
        json.add(",\"waiting\":", page.waiting)
        json.raw("}")
        return json.output.bytes
    }

    static func encode(_ page: ConversationPage) -> [UInt8] {
        let sealed = page.items.reduce(0) { $0 + $1.sealed.count }
        var json = PageJSON(capacity: 1024 + page.items.count * 384 + sealed * 4 / 3 + page.segments.count * 320)
        json.add("{\"event\":", page.event)
        json.add(",\"items\":", page.items) { $0.add($1) }
        if let linked = page.linked { json.add(",\"linked\":", linked) { $0.add($1) } }
        json.add(",\"older\":", page.older)
        json.add(",\"olderWithheld\":", page.olderWithheld)
        json.raw(",\"row\":")
        json.add(page.row)
        json.add(",\"segments\":", page.segments) { $0.add($1) }
        json.raw("}")
        return json.output.bytes
    }

    private init(capacity: Int) { output = JSONOutput(capacity: capacity) }

    private mutating func add(_ row: InboxRow) {
        add("{\"assigned\":", row.assigned)
        if let note = row.bot {
            raw(",\"bot\":")
            add(note)
        }
        add(",\"channel\":", row.channel)
        add(",\"contact\":", row.contact)
        add(",\"conversation\":", row.conversation)
        add(",\"dangerSince\":", row.dangerSince)
        add(",\"endsAt\":", row.endsAt.rawValue)
        add(",\"held\":", row.held)
        add(",\"isPractice\":", row.isPractice)
        add(",\"language\":", row.language)
        add(",\"lastInAt\":", row.lastInAt)
        add(",\"lastOutAt\":", row.lastOutAt)
        add(",\"newDevices\":", row.newDevices)
        add(",\"newestItem\":", row.newestItem)
        if let person = row.person {
            raw(",\"person\":")
            add(person)
        }
        add(",\"proposals\":", row.proposals)
        add(",\"takenOverBy\":", row.takenOverBy)
        add(",\"takenOverUntil\":", row.takenOverUntil)
        add(",\"tasksDue\":", row.tasksDue)
        add(",\"troubled\":", row.troubled)
        add(",\"unheardVoice\":", row.unheardVoice)
        add(",\"voiceSince\":", row.voiceSince)
        add(",\"waitsSince\":", row.waitsSince)
        raw("}")
    }

    private mutating func add(_ person: PersonLink) {
        add("{\"contact\":", person.contact)
        add(",\"conversations\":", person.conversations) { $0.add("", $1) }
        add(",\"how\":", person.how)
        add(",\"recognisedAt\":", person.recognisedAt)
        add(",\"recognisedBy\":", person.recognisedBy)
        add(",\"since\":", person.since)
        raw("}")
    }

    private mutating func add(_ note: BotNote) {
        add("{\"at\":", note.at)
        add(",\"candidates\":", note.candidates) { json, candidate in
            json.add("{\"confidence\":", candidate.confidence)
            json.add(",\"topic\":", candidate.topic)
            json.raw("}")
        }
        add(",\"decision\":", note.decision)
        add(",\"reason\":", note.reason)
        add(",\"target\":", note.target)
        add(",\"topic\":", note.topic)
        raw("}")
    }

    private mutating func add(_ item: SealedItem) {
        let start = output.count
        add(",\"assignee\":", item.assignee)
        if let attachment = item.attachment {
            raw(",\"attachment\":")
            add(attachment)
        }
        add(",\"author\":", item.author)
        add(",\"closedAt\":", item.closedAt)
        add(",\"closedBy\":", item.closedBy)
        add(",\"code\":", item.code)
        add(",\"conversation\":", item.conversation)
        add(",\"direction\":", item.direction)
        add(",\"due\":", item.due)
        add(",\"id\":", item.id)
        add(",\"kind\":", item.kind.rawValue)
        add(",\"outcome\":", item.outcome)
        add(",\"position\":", item.position)
        add(",\"protection\":", item.protection)
        add(",\"sealed\":", item.sealed)
        add(",\"segment\":", item.segment)
        add(",\"stage\":", item.stage)
        add(",\"storedAt\":", item.storedAt)
        if let token = item.token { add(",\"token\":", token) }
        raw("}")
        // Whichever field came first.
        output.replace(at: start, with: UInt8(ascii: "{"))
    }

    private mutating func add(_ attachment: AttachmentInfo) {
        add("{\"attempts\":", attachment.attempts)
        add(",\"failure\":", attachment.failure)
        add(",\"heardAt\":", attachment.heardAt)
        add(",\"heardBy\":", attachment.heardBy)
        add(",\"id\":", attachment.id)
        add(",\"kind\":", attachment.kind)
        add(",\"size\":", attachment.size)
        add(",\"state\":", attachment.state)
        raw("}")
    }

    private mutating func add(_ segment: SealedSegment) {
        add("{\"compartment\":", segment.compartment.rawValue)
        add(",\"contact\":", segment.contact)
        add(",\"day\":", segment.day)
        add(",\"token\":", segment.token)
        add(",\"wrapped\":", segment.wrapped)
        raw("}")
    }
}

/// Values, each behind what stands before it.
extension PageJSON {
    fileprivate mutating func raw(_ text: StaticString) { output.append(text) }

    /// Digit by digit: most values of a page are numbers, and each `String` of one takes longer than its digits.
    fileprivate mutating func add(_ name: StaticString, _ value: some FixedWidthInteger) {
        raw(name)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = digits.count
            var rest = Int64(value).magnitude
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            output.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: digits[start...])))
        }
    }

    fileprivate mutating func add(_ name: StaticString, _ value: (some FixedWidthInteger)?) {
        if let value { add(name, value) }
    }

    fileprivate mutating func add(_ name: StaticString, _ value: Bool) {
        raw(name)
        raw(value ? "true" : "false")
    }

    /// As `JSONEncoder` has it: whole numbers without a fraction.
    fileprivate mutating func add(_ name: StaticString, _ value: Double) {
        raw(name)
        var text = value.isFinite ? value.description : "0"
        text.withUTF8 { text in
            let isWhole = text.count > 2 && text.suffix(2).elementsEqual(".0".utf8)
            output.append(
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<(text.count - (isWhole ? 2 : 0))]))
        }
    }

    fileprivate mutating func add(_ name: StaticString, _ value: String?) {
        if let value { add(name, value) }
    }

    fileprivate mutating func add(_ name: StaticString, _ value: String) {
        raw(name)
        output.append(UInt8(ascii: "\""))
        // Nearly all are words without anything to escape: these are copied as a whole.
        let isPlain =
            value.utf8.withContiguousStorageIfAvailable { text in
                guard text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
                    return false
                }
                output.append(UnsafeRawBufferPointer(text))
                return true
            } ?? false
        if !isPlain { addEscaped(value) }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func addEscaped(_ value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x08: raw("\\b")
            case 0x09: raw("\\t")
            case 0x0a: raw("\\n")
            case 0x0c: raw("\\f")
            case 0x0d: raw("\\r")
            case 0..<0x20:
                raw(byte < 0x10 ? "\\u000" : "\\u00")
                for digit in String(byte, radix: 16).utf8 { output.append(digit) }
            default: output.append(byte)
            }
        }
    }

    fileprivate mutating func add(_ name: StaticString, _ value: Data) {
        raw(name)
        raw("\"")
        value.base64EncodedData().withUnsafeBytes { output.append($0) }
        raw("\"")
    }

    fileprivate mutating func add<Element>(
        _ name: StaticString, _ values: [Element], _ write: (inout PageJSON, Element) -> Void
    ) {
        raw(name)
        raw("[")
        for index in values.indices {
            if index > 0 { raw(",") }
            write(&self, values[index])
        }
        raw("]")
    }
}
