import Foundation

/// One message of a contact, and what the bot said to it.
struct Exchange: Sendable {
    /// From 0.
    let contact: Int
    let text: String
    let language: String
    /// `nil`: the bot said nothing.
    let reply: String?
    /// A person must read it.
    let waits: Bool
    let isDanger: Bool
    let number: Int
}

/// Who writes when: 30 days, on each of which about two thirds of the contacts write, some more than others.
struct Timeline {
    static let days = 30
    private static let replyShare = 0.85
    /// Of the last day's messages: before that, staff have seen to everything.
    private static let waitingShare = 0.04
    private static let dangerShare = 0.001

    let contacts: Int
    let messages: Int
    private let corpus: Corpus
    private var random: SeededRandom
    private(set) var made = 0
    private var exchanges = 0

    init(contacts: Int, messages: Int, seed: UInt64, corpus: Corpus) {
        self.contacts = contacts
        self.messages = messages
        self.corpus = corpus
        random = SeededRandom(seed: seed)
    }

    /// The contacts who write on a day, in the order in which they do; gone through again as often as needed.
    mutating func writers() -> [Int] {
        var writers: [Int] = []
        for contact in 0..<contacts where random.isTrue(2.0 / 3) {
            writers += Array(repeating: contact, count: 1 + contact % 5)
        }
        if writers.isEmpty { writers = [0] }
        writers.shuffle(using: &random)
        return writers
    }

    /// Messages there are to be at the end of a day.
    func quota(endOf day: Int) -> Int { messages * (day + 1) / Self.days }

    /// The next exchange; never one message more than there are to be.
    mutating func exchange(by contact: Int, day: Int) -> Exchange {
        let language = contact % corpus.languages.count
        let waits = day == Self.days - 1 && random.isTrue(Self.waitingShare)
        let isDanger = day == Self.days - 1 && random.isTrue(Self.dangerShare)
        let text = corpus.text(in: language, &random)
        let answers = !waits && random.isTrue(Self.replyShare) && made + 1 < messages
        let reply = answers ? corpus.text(in: language, &random) : nil
        made += answers ? 2 : 1
        exchanges += 1
        return Exchange(
            contact: contact, text: text, language: corpus.languages[language].tag, reply: reply, waits: waits,
            isDanger: isDanger, number: exchanges)
    }
}
