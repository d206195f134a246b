internal import Domain

/// The logarithm of the sum of e to the power of each value, the normaliser of log-softmax.
///
/// The greatest value is taken out first, so that nothing overflows; the terms are added in
/// float32 over short runs and in float64 between them, which keeps the error of 49,152 terms
/// below 1e-6.
///
/// - Returns: Nil for no values; NaN when a value is not finite.
public func logSumExp(_ values: UnsafeBufferPointer<Float>) -> Double? {
    guard let start = values.baseAddress, !values.isEmpty else { return nil }
    guard let greatest = greatestValue(start, values.count) else { return .nan }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: runLength) { buffer in
        guard let terms = buffer.baseAddress else { return nil }
        var sum = 0.0
        var first = 0
        while first < values.count {
            let length = min(runLength, values.count - first)
            exponentials(of: start + first, length, minus: greatest, into: terms)
            sum += Double(total(terms, length))
            first += length
        }
        return Double(greatest) + logarithm(sum)
    }
}

// Plain pointers and while loops: the optimiser turns the long one into vector instructions, and
// a debug build, which serves tests within deadlines, runs them 15 times as fast as SIMD types.

/// Values added in float32 before the sum moves to float64.
private let runLength = 1_024

/// The greatest value; nil when a value is not finite.
private func greatestValue(_ values: UnsafePointer<Float>, _ count: Int) -> Float? {
    var (a, b, c, d) = (values[0], values[0], values[0], values[0])
    // Zero times a value is zero unless it is not finite; a maximum alone passes a NaN over.
    var (p, q, r, s): (Float, Float, Float, Float) = (0, 0, 0, 0)
    var index = 0
    while index + 4 <= count {
        a = values[index] > a ? values[index] : a
        b = values[index + 1] > b ? values[index + 1] : b
        c = values[index + 2] > c ? values[index + 2] : c
        d = values[index + 3] > d ? values[index + 3] : d
        p += values[index] * 0
        q += values[index + 1] * 0
        r += values[index + 2] * 0
        s += values[index + 3] * 0
        index += 4
    }
    while index < count {
        a = values[index] > a ? values[index] : a
        p += values[index] * 0
        index += 1
    }
    return p + q + r + s == 0 ? max(a, b, c, d) : nil
}

private func exponentials(
    of values: UnsafePointer<Float>, _ count: Int, minus greatest: Float,
    into terms: UnsafeMutablePointer<Float>
) {
    var index = 0
    while index < count {
        terms[index] = exponentialOfNonPositive(values[index] - greatest)
        index += 1
    }
}

private func total(_ terms: UnsafeMutablePointer<Float>, _ count: Int) -> Float {
    // Four sums, so that an addition need not wait for the one before.
    var (a, b, c, d): (Float, Float, Float, Float) = (0, 0, 0, 0)
    var index = 0
    while index + 4 <= count {
        a += terms[index]
        b += terms[index + 1]
        c += terms[index + 2]
        d += terms[index + 3]
        index += 4
    }
    while index < count {
        a += terms[index]
        index += 1
    }
    return a + b + c + d
}

/// e to the power of `x`, which is 0 or less; relative error below 3e-7.
///
/// e^x = 2^n 2^f with n the nearest integer of x / ln 2: 2^n is an exponent field, 2^f a
/// polynomial (Taylor to the sixth power, |f| <= 1/2). Below -87 the result is about 1e-38, which
/// adds nothing beside the greatest term's 1.
@inline(__always)
private func exponentialOfNonPositive(_ x: Float) -> Float {
    let scaled = (x < -87 ? -87 : x) * 1.442_695_04
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the mantissa.
    let shifted = scaled + 12_582_912
    let f = scaled - (shifted - 12_582_912)
    var p = f * 1.540_353_04e-4 + 1.333_355_81e-3
    p = p * f + 9.618_129_11e-3
    p = p * f + 5.550_410_87e-2
    p = p * f + 2.402_265_07e-1
    p = p * f + 6.931_471_81e-1
    p = p * f + 1
    return Float(bitPattern: p.bitPattern &+ (shifted.bitPattern &<< 23))
}
