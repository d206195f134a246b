/// The pages in which the encoder's order is read until enough of it may be answered.
///
/// Most requests need the first page only; each further one is four times as long, so that a
/// narrow filter reaches the catalog's end in few calls.
public struct RetrievalPages: Sendable {
    /// A part of the encoder's order.
    public struct Page: Sendable, Equatable {
        /// How many of the best to skip.
        public let offset: Int
        /// How many to read.
        public let count: Int
    }

    /// Length of the first page.
    public let firstCount: Int
    private let itemCount: Int
    private var offset = 0
    private var count: Int

    /// Pages for `wanted` candidates of a release with `itemCount` items.
    public init(wanted: Int, itemCount: Int) {
        self.itemCount = itemCount
        firstCount = min(wanted + RecommendLimits.retrievalMargin, RecommendLimits.maximumPage)
        count = firstCount
    }

    /// The next page; nil once the release's items are through.
    public mutating func next() -> Page? {
        guard offset < itemCount else { return nil }
        let page = Page(offset: offset, count: count)
        offset += count
        count = min(count * 4, RecommendLimits.maximumPage)
        return page
    }
}
