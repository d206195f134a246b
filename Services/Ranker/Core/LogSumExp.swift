internal import Domain

/// The logarithm of the sum of e to the power of each value, the normaliser of log-softmax.
///
/// The greatest value is taken out first, so that nothing overflows; the terms are added in
/// float32 over short runs and in float64 between them, which keeps the error of 49,152 terms
/// below 1e-6.
///
/// - Returns: Nil for no values; NaN when a value is not finite.
public func logSumExp(_ values: UnsafeBufferPointer<Float>) -> Double? {
    guard let base = values.baseAddress, !values.isEmpty else { return nil }
    let bytes = UnsafeRawPointer(base)
    let width = Vector.scalarCount
    let wholeCount = values.count / width
    var greatestLanes = Vector(repeating: -.infinity)
    // Stays zero unless a value is not finite; the maximum alone may pass a NaN over.
    var spoiled = Vector.zero
    for index in 0..<wholeCount {
        let vector = bytes.loadUnaligned(
            fromByteOffset: index * width * MemoryLayout<Float>.stride, as: Vector.self)
        greatestLanes = pointwiseMax(greatestLanes, vector)
        spoiled += vector * 0
    }
    var greatest = greatestLanes.max()
    for value in values[(wholeCount * width)...] {
        greatest = max(greatest, value)
        spoiled[0] += value * 0
    }
    guard spoiled == .zero else { return .nan }

    var sum = 0.0
    var index = 0
    while index < wholeCount {
        var run = Vector.zero
        let end = min(index + runLength, wholeCount)
        while index < end {
            let vector = bytes.loadUnaligned(
                fromByteOffset: index * width * MemoryLayout<Float>.stride, as: Vector.self)
            run += exponentialOfNonPositive(vector - greatest)
            index += 1
        }
        sum += Double(run.sum())
    }
    for value in values[(wholeCount * width)...] {
        sum += exponential(Double(value) - Double(greatest))
    }
    return Double(greatest) + logarithm(sum)
}

private typealias Vector = SIMD16<Float>

/// Vectors added in float32 before the sum moves to float64.
private let runLength = 64

/// e to the power of each lane, which is 0 or less; relative error below 3e-7.
///
/// e^x = 2^n 2^f with n the nearest integer of x / ln 2: 2^n is an exponent field, 2^f a
/// polynomial (Taylor to the sixth power, |f| <= 1/2). Below -87 the result is about 1e-38, which
/// adds nothing beside the greatest term's 1.
@inline(__always)
private func exponentialOfNonPositive(_ x: Vector) -> Vector {
    let lower = Vector(repeating: -87)
    let scaled = pointwiseMax(x, lower) * 1.442_695_04
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the mantissa.
    let rounder = Vector(repeating: 12_582_912)
    let shifted = scaled + rounder
    let f = scaled - (shifted - rounder)
    var p = f * 1.540_353_04e-4 + 1.333_355_81e-3
    p = p * f + 9.618_129_11e-3
    p = p * f + 5.550_410_87e-2
    p = p * f + 2.402_265_07e-1
    p = p * f + 6.931_471_81e-1
    p = p * f + 1
    let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
    return unsafeBitCast(unsafeBitCast(p, to: SIMD16<Int32>.self) &+ exponent, to: Vector.self)
}
