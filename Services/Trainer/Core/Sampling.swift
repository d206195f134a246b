public import Domain

/// Draws whose algorithm is written here, so that a seed means the same in every Swift version.
extension SeededGenerator {
    /// A generator for one purpose: the same parts give the same draws, whatever else was drawn.
    public init(seed: UInt64, parts: [String]) {
        var hash = StableHash()
        hash.combine(String(seed))
        for part in parts { hash.combine(part) }
        self.init(seed: hash.value)
    }

    /// A number from 0 up to but not including `bound`, each equally likely.
    ///
    /// Lemire, "Fast random integer generation in an interval", ACM TOMACS 2019. `bound` must be
    /// positive.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "nothing to draw from")
        let range = UInt64(bound)
        var product = next().multipliedFullWidth(by: range)
        if product.low < range {
            let threshold = (0 &- range) % range
            while product.low < threshold { product = next().multipliedFullWidth(by: range) }
        }
        return Int(product.high)
    }

    /// A number in [0, 1) with 53 random bits.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Puts `count` elements, drawn uniformly without replacement, first (Fisher and Yates).
    public mutating func shufflePrefix<Element>(_ elements: inout [Element], count: Int) {
        for index in 0..<min(count, elements.count) {
            elements.swapAt(index, index + below(elements.count - index))
        }
    }

    /// Puts all elements in random order.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        shufflePrefix(&elements, count: elements.count)
    }
}
