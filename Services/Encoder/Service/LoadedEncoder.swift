import Domain
import GGML
import Releases
import ServiceKit
import Wire

/// A release's recommender, ready to answer.
struct LoadedEncoder: LoadedRelease {
    let release: Release
    let encoder: SequentialEncoder
    /// For every item its place in the order of ids: how equal scores are told apart.
    let tieOrder: [Int32]

    /// Loads the network and compares its design and sizes with the manifest.
    init(_ release: Release, threads: Int, maximumWaiting: Int) throws {
        let expected = release.manifest.encoder
        let encoder = try SequentialEncoder(
            path: release.path(of: expected.file), threads: threads,
            maximumWaiting: maximumWaiting)
        let architecture = encoder.configuration.architecture.rawValue
        guard architecture == expected.model else {
            throw ReleaseError(
                code: .inconsistent,
                message: "\(expected.file) is of the architecture \(architecture); the manifest "
                    + "says \(expected.model)")
        }
        guard encoder.dimension == expected.dimension, encoder.window == expected.window,
            encoder.itemCount == expected.itemCount
        else {
            throw ReleaseError(
                code: .inconsistent,
                message: "\(expected.file) has \(encoder.itemCount) items of width "
                    + "\(encoder.dimension) and window \(encoder.window); the manifest says "
                    + "\(expected.itemCount), \(expected.dimension) and \(expected.window)")
        }
        try encoder.warmUp()
        self.release = release
        self.encoder = encoder
        tieOrder = release.vocabulary.placesByID
    }

    /// The known items of a sequence as indices, oldest first; the others are left out.
    func knownIndices(_ sequence: ItemSequence?) -> [Int] {
        sequence?.items.compactMap { release.vocabulary.index(of: $0.itemID) } ?? []
    }
}
