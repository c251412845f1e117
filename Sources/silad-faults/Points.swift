import ArgumentParser
import Bridge

extension SiladFaults {
    /// `silad-faults points`
    struct Points: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the places where the process can be killed.")

        func run() {
            for point in FaultPoint.allCases { print(point.rawValue) }
        }
    }
}
