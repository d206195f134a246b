// Where the pure rings get the C library's mathematics: here and nowhere else.
private import Glibc

/// e to the power of `value`.
public func exponential(_ value: Double) -> Double { exp(value) }

/// The natural logarithm of `value`.
public func logarithm(_ value: Double) -> Double { log(value) }

/// The cosine of `angle`, in radians.
public func cosine(_ angle: Double) -> Double { cos(angle) }
