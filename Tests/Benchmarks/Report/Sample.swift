/// Repeated measurements of one thing, in the unit of the figure they belong to.
public struct Sample: Sendable, Hashable, Codable {
    /// In the order in which they were taken; at least one.
    public let values: [Double]

    /// - Precondition: `values` is not empty.
    public init(_ values: [Double]) {
        precondition(!values.isEmpty, "a sample of nothing")
        self.values = values
    }

    /// The middle value, or the mean of the two middle ones.
    public var median: Double { percentile(50) }
    /// The least value.
    public var minimum: Double { values.reduce(.infinity, min) }
    /// The greatest value.
    public var maximum: Double { values.reduce(-.infinity, max) }

    /// The value below which `share` per cent lie, interpolated between neighbours.
    public func percentile(_ share: Double) -> Double {
        let sorted = values.sorted()
        let place = min(max(share, 0), 100) / 100 * Double(sorted.count - 1)
        let lower = Int(place)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (place - Double(lower))
    }
}
