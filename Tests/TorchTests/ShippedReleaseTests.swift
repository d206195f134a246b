import DataSets
import Domain
import Foundation
import GGML
import ReleaseModels
import Releases
import TestSupport
import Testing
import TrainingCore

@testable import llara_train

@Suite("The shipped release")
struct ShippedReleaseTests {
    private let release: Release
    private let dataSet: DataSet
    private let encoder: SequentialEncoder

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static let model = "\(root)/.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"

    init() throws {
        release = try Release(directory: "\(Self.root)/Deploy/releases/movielens-100k")
        dataSet = try DataSet(
            directory: "\(Self.root)/.prefix/data/movielens-100k", rule: .users)
        encoder = try SequentialEncoder(path: release.path(of: release.manifest.encoder.file))
    }

    @Test("it was trained under the users split of this very data, for the model of the prefix")
    func record() throws {
        #expect(release.manifest.training.split == "users")
        #expect(release.vocabulary.ids == dataSet.items.map(\.id))
        #expect(
            release.vocabulary.titleHashes
                == dataSet.items.map { ItemVocabulary.titleHash(of: $0.title) })
        let folder = try ScratchFolder()
        let file = "\(folder.path)/split.tsv"
        try Data(dataSet.split.canonicalText).write(to: URL(fileURLWithPath: file))
        #expect(try sha256(ofFile: file) == release.manifest.training.splitSHA256)
        let model = try LanguageModelOption.read(Self.model)
        #expect(model == LanguageModelOption.standard)
        #expect(release.manifest.llm == model)
    }

    @Test("its parts are what the manifest promises, and fit the model of the prefix")
    func parts() throws {
        let manifest = release.manifest
        let rows = try SequentialEncoder(release: release).itemRows(
            Array(0..<manifest.encoder.itemCount))
        let projector = try MLPProjector(release: release)
        #expect((projector != nil) == manifest.representation.hasBehaviouralTokens)
        for role in projector?.roles ?? [] {
            let tokens = try projector?.project(rows, role: role)
            #expect(tokens?.firstNonFinite == nil)
            #expect(tokens?.columns == manifest.llm.embeddingDimension)
            // A projection that gives every item one token has learnt nothing.
            #expect(tokens.map { $0.row(0) != $0.row(1) } == true)
        }
        let model = try LanguageModelFile(path: Self.model)
        try model.require(manifest.llm)
        for adapter in manifest.adapters {
            try model.requireAdapter(path: release.path(of: adapter.file))
        }
    }

    @Test("it finds the next item of LLaRA's test users as its record says")
    func quality() throws {
        let states = try dataSet.split.test.map { row in
            try encoder.encode(
                sequences: [row.history.compactMap(release.vocabulary.index(of:))])
        }
        var hits: [Double] = []
        for seed in 1...20 {
            let sets = try CandidateSets(
                drawing: 19, for: dataSet.split.test, catalog: dataSet.items.map(\.id),
                seen: dataSet.seen, split: "", seed: UInt64(seed))
            let ranks = try sets.ranks { (row, set) throws in
                try encoder.scores(
                    state: states[row].row(0),
                    items: set.candidates.compactMap(release.vocabulary.index(of:))
                ).map(Double.init)
            }
            hits.append(RankingMetrics.mean(RankingMetrics.hits(ranks, cutoff: 1)))
        }
        #expect(RankingMetrics.mean(hits) >= 0.5)
        let recorded = release.manifest.training.metrics["encoder_test_hit_ratio_at_1"] ?? 0
        // The record's draw is seed 1; half precision may move one user of 95.
        #expect(abs(recorded - hits[0]) < 0.02)
    }

    @Test("items that training never saw are not retrieved for any test user")
    func untrainedItems() throws {
        let trained = Set(dataSet.split.training.flatMap(\.itemIDs))
        let untrained = Set(
            release.vocabulary.ids.indices.filter {
                !trained.contains(release.vocabulary.ids[$0])
            })
        #expect(!untrained.isEmpty)
        for row in dataSet.split.test {
            let history = row.history.compactMap(release.vocabulary.index(of:))
            let state = try encoder.encode(sequences: [history])
            let best = try encoder.topK(
                state: state.row(0), count: 20, excluding: Set(history))
            #expect(untrained.isDisjoint(with: best.map(\.index)))
        }
    }
}
