internal import GGML

/// What a Caser network has beside the sizes of every sequential recommender.
public struct CaserShape: Sendable, Hashable {
    /// How many successive items the horizontal filters see, each height once.
    public var heights: [Int]
    /// Horizontal filters of each height.
    public var filterCount: Int
    /// Whether a layer leads from the filters to the width of an item row; without it the output
    /// table is as wide as all filters' outputs and cannot be the item table.
    public var hasLastLayer: Bool

    /// Makes a shape.
    public init(heights: [Int], filterCount: Int, hasLastLayer: Bool) {
        self.heights = heights
        self.filterCount = filterCount
        self.hasLastLayer = hasLastLayer
    }

    /// Outputs of all filters for items of width `dimension`.
    func outputs(dimension: Int) -> Int { heights.count * filterCount + dimension }

    /// The file's metadata under `caser.`, beside that of every sequential recommender.
    func write(to writer: inout GGUFWriter) {
        writer.set("caser.filter_heights", .array(heights.map { .uint32(UInt32($0)) }))
        writer.set("caser.filter_count", .uint32(UInt32(filterCount)))
        writer.set("caser.last_layer", .bool(hasLastLayer))
    }
}
