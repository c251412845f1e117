/// A number with its noun, as a sentence has it.
enum Counted {
    /// `1 conversation`, `2 conversations`, `0 conversations`.
    ///
    /// - Parameter many: the plural; without one, the singular with an s.
    static func words(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }
}
