import BotContent

/// Whether a story ends from everywhere, takes every reply, and holds no one's data.
enum StoryCheck {
    typealias Lines = [String: (step: Int?, choices: [Int?])]

    static func problems(
        _ story: PracticeStory, file: String, lines: Lines, forbidden: ForbiddenPhrases
    ) -> [Problem] {
        var problems: [Problem] = []
        for step in story.steps {
            let place = lines[step.id]
            for text in step.says where longestNumber(in: text) > 6 {
                problems.append(
                    Problem(
                        file: file, line: place?.step,
                        "step \"\(step.id)\" holds a long number; stories hold no telephone number, of nobody"))
            }
            guard case .replies(let choices) = step.exit else { continue }
            if choices.last?.condition.isAny != true {
                problems.append(
                    Problem(
                        file: file, line: place?.step, "step \"\(step.id)\" must end its replies with \"when: any\""))
            }
            for (index, choice) in choices.enumerated() {
                let line = place.flatMap { $0.choices.indices.contains(index) ? $0.choices[index] : nil }
                if story.step(choice.next) == nil {
                    problems.append(Problem(file: file, line: line, "there is no step \"\(choice.next)\""))
                }
                if choice.condition.isAny, index < choices.count - 1 {
                    problems.append(Problem(file: file, line: line, "nothing behind \"when: any\" is ever taken"))
                }
                let taken = PracticeEngine.choice(for: choice.example, among: choices, forbidden: forbidden)
                if taken != choice {
                    let other = taken.map { "the one to \"\($0.next)\"" } ?? "none"
                    problems.append(
                        Problem(file: file, line: line, "the example does not take this reply but \(other)"))
                }
            }
        }
        return problems.isEmpty ? ways(story, file: file, lines: lines) : problems
    }

    /// Circles, and steps that nothing leads to.
    private static func ways(_ story: PracticeStory, file: String, lines: Lines) -> [Problem] {
        guard let first = story.steps.first else { return [] }
        var problems: [Problem] = []
        var reached: Set<String> = []
        var open: Set<String> = []
        func visit(_ step: PracticeStory.Step) {
            guard reached.insert(step.id).inserted else { return }
            open.insert(step.id)
            if case .replies(let choices) = step.exit {
                for choice in choices {
                    if open.contains(choice.next) {
                        problems.append(
                            Problem(
                                file: file, line: lines[step.id]?.step,
                                "from \"\(step.id)\" the story goes back to \"\(choice.next)\"; it must come to an end")
                        )
                    } else if let next = story.step(choice.next) {
                        visit(next)
                    }
                }
            }
            open.remove(step.id)
        }
        visit(first)
        for step in story.steps where !reached.contains(step.id) {
            problems.append(
                Problem(file: file, line: lines[step.id]?.step, "no reply leads to step \"\(step.id)\""))
        }
        return problems
    }

    /// Digits of the longest number, spaces and hyphens inside it not counted.
    private static func longestNumber(in text: String) -> Int {
        var longest = 0
        var run = 0
        for character in text {
            if character.isNumber {
                run += 1
                longest = max(longest, run)
            } else if character != " " && character != "-" && character != "." {
                run = 0
            }
        }
        return longest
    }
}
