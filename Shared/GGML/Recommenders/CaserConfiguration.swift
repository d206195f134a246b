/// Options of a Caser network as its GGUF metadata under `caser.` tells them, beside those of
/// ``SequentialConfiguration``.
public struct CaserConfiguration: Sendable, Equatable {
    /// Most heights of horizontal filters.
    public static let maximumHeights = 16
    /// Greatest height of a horizontal filter.
    public static let maximumHeight = 64
    /// Most horizontal filters of one height.
    public static let maximumFilters = 1_024

    /// How many successive items the horizontal filters see; `caser.filter_heights`, for LLaRA
    /// 2, 3 and 4.
    public let heights: [Int]
    /// Horizontal filters of each height; `caser.filter_count`, for LLaRA 16.
    public let filterCount: Int
    /// Whether a layer leads from the filters to the width of an item row; `caser.last_layer`.
    ///
    /// Without it, as LLaRA has it, a state is all filters' outputs, and the output table is as
    /// wide, thus not tied.
    public let hasLastLayer: Bool

    /// Reads and checks the metadata.
    init(file: GGUFFile, shape: SequentialConfiguration) throws(GGUFError) {
        heights = try file.counts(
            "caser.filter_heights", atMost: min(shape.window, Self.maximumHeight))
        filterCount = try file.size("caser.filter_count", atMost: Self.maximumFilters)
        hasLastLayer = try file.flag("caser.last_layer")
        guard (1...Self.maximumHeights).contains(heights.count), !heights.contains(0),
            Set(heights).count == heights.count
        else {
            throw file.failure(
                .metadata,
                "caser.filter_heights is not a list of 1 to \(Self.maximumHeights) different "
                    + "heights from 1 on")
        }
        guard hasLastLayer || !shape.isOutputTied else {
            throw file.failure(
                .metadata,
                "caser.tied_output needs caser.last_layer: a state would be wider than a row")
        }
    }
}
