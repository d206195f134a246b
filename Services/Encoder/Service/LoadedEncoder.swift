import Domain
import GGML
import ReleaseModels
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
        let encoder = try SequentialEncoder(
            release: release, threads: threads, maximumWaiting: maximumWaiting)
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
