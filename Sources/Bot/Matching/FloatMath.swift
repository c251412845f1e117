#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The few functions of the C mathematics library that training and deciding need.
enum FloatMath {
    @inline(__always)
    static func exponential(_ x: Float) -> Float { expf(x) }
    @inline(__always)
    static func exponential(_ x: Double) -> Double { exp(x) }
    @inline(__always)
    static func logarithm(_ x: Float) -> Float { logf(x) }
    @inline(__always)
    static func logarithm(_ x: Double) -> Double { log(x) }
    @inline(__always)
    static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    @inline(__always)
    static func sigmoid(_ x: Float) -> Float { 1 / (1 + expf(-x)) }

    /// Turns scores into probabilities that add up to one.
    static func softmax(_ scores: [Float]) -> [Float] {
        guard let most = scores.max() else { return [] }
        var result = scores.map { expf($0 - most) }
        let sum = result.reduce(0, +)
        for index in result.indices { result[index] /= sum }
        return result
    }
}
