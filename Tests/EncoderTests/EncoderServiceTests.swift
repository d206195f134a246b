import Domain
import GGML
import RPC
import Releases
import ServiceAPI
import Testing
import Wire

@testable import llara_encoder

@Suite("Encoder service")
struct EncoderServiceTests {
    private let fixture: RandomEncoderRelease
    private let client: EncoderClient

    init() throws {
        fixture = try RandomEncoderRelease()
        var router = RPCRouter()
        router.register(encoder: try EncoderService(releases: [fixture.release]))
        client = EncoderClient(InProcessTransport(router: router))
    }

    private func sequence(_ indices: Int...) -> ItemSequence {
        ItemSequence(items: indices.map { HistoryItem(itemID: "item-\($0)") })
    }

    @Test("states are those of the network, unknown items skipped")
    func encode() async throws {
        let response = try await client.encode(
            EncodeRequest(sequences: [sequence(1, 99, 2), sequence(3)]))
        let expected = try fixture.encoder().encode(sequences: [[1, 2], [3]])
        #expect(response.states == expected)
        #expect(response.release == fixture.release.reference.description)
    }

    @Test("a sequence of unknown items has no state and is named")
    func encodeUnknown() async throws {
        let error = await failure {
            try await client.encode(
                EncodeRequest(sequences: [sequence(1), sequence(99)]))
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("sequences[1]") == true)
        #expect(error?.message.contains("item-99") == false)
    }

    @Test("retrieved items are the best of the vocabulary without the excluded ones")
    func retrieve() async throws {
        let response = try await client.retrieve(
            RetrieveRequest(
                sequence: sequence(1, 99, 2), count: 5,
                excludedItemIDs: ["item-1", "item-2", "unknown"]))
        let encoder = try fixture.encoder()
        let state = try encoder.encode(sequences: [[1, 2]]).row(0)
        let expected = try encoder.topK(state: state, count: 5, excluding: [1, 2])
        #expect(response.items.map(\.itemID) == expected.map { "item-\($0.index)" })
        #expect(response.items.map(\.score) == expected.map(\.score))
        #expect(response.items.allSatisfy { !$0.notInRelease })
        #expect(response.knownHistoryCount == 2)
    }

    @Test("given candidates come back in order, unknown ones with the median score")
    func retrieveGiven() async throws {
        let response = try await client.retrieve(
            RetrieveRequest(
                sequence: sequence(1), excludedItemIDs: ["item-4"],
                candidateItemIDs: ["item-4", "new", "item-0", "item-7"]))
        let encoder = try fixture.encoder()
        let state = try encoder.encode(sequences: [[1]]).row(0)
        let scores = try encoder.scores(state: state, items: [4, 0, 7])
        let middle = scores.sorted()[1]
        #expect(
            response.items == [
                RetrievedItem(itemID: "item-4", score: scores[0]),
                RetrievedItem(itemID: "new", score: middle, notInRelease: true),
                RetrievedItem(itemID: "item-0", score: scores[1]),
                RetrievedItem(itemID: "item-7", score: scores[2]),
            ])
    }

    @Test("without known history nothing is retrieved and given candidates score 0")
    func retrieveWithoutHistory() async throws {
        let retrieved = try await client.retrieve(RetrieveRequest(sequence: sequence(99), count: 5))
        #expect(retrieved.items.isEmpty && retrieved.knownHistoryCount == 0)
        let given = try await client.retrieve(
            RetrieveRequest(candidateItemIDs: ["item-1", "new"]))
        #expect(
            given.items == [
                RetrievedItem(itemID: "item-1"), RetrievedItem(itemID: "new", notInRelease: true),
            ])
        #expect(given.knownHistoryCount == 0)
    }

    @Test("the median of none, odd and even counts")
    func medians() {
        #expect(median(of: []) == 0)
        #expect(median(of: [3, 1, 2]) == 2)
        #expect(median(of: [4, 1, 2, 3]) == 2.5)
    }

    @Test("counts at their limits are answered, beyond them refused")
    func limits() async throws {
        let most = try await client.retrieve(
            RetrieveRequest(sequence: sequence(1), count: EncoderLimits.maximumCandidates))
        #expect(most.items.count == RandomEncoderRelease.ids.count)
        for count in [0, EncoderLimits.maximumCandidates + 1] {
            let error = await failure {
                try await client.retrieve(RetrieveRequest(sequence: sequence(1), count: count))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("count") == true)
        }
        let rows = EncoderLimits.maximumItemRows
        let repeated = try await client.itemRows(
            ItemRowsRequest(itemIDs: [String](repeating: "item-1", count: rows)))
        #expect(repeated.rows.rows == rows)
        let tooMany = await failure {
            try await client.itemRows(
                ItemRowsRequest(itemIDs: [String](repeating: "item-1", count: rows + 1)))
        }
        #expect(tooMany?.code == .invalidArgument)
    }

    @Test("wide rows are answered up to as many values as a message may hold")
    func valueLimit() async throws {
        let wide = 1_000
        let fixture = try RandomEncoderRelease(dimension: wide)
        let service = try EncoderService(releases: [fixture.release])
        var router = RPCRouter()
        router.register(encoder: service)
        let client = EncoderClient(InProcessTransport(router: router))
        let most = EncoderLimits.maximumResponseValues / wide
        #expect(most < EncoderLimits.maximumItemRows)
        func request(_ count: Int) -> ItemRowsRequest {
            ItemRowsRequest(itemIDs: [String](repeating: "item-1", count: count))
        }
        let response = try await client.itemRows(request(most))
        #expect(response.rows.values.count == EncoderLimits.maximumResponseValues)
        let error = await failure { try await client.itemRows(request(most + 1)) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == "item_ids: has 4001 entries, allowed are 4000")
    }

    @Test("the handler keeps its limits where the messages' own are wider")
    func handlerLimits() async throws {
        let service = try EncoderService(releases: [fixture.release])
        let context = CallContext(
            method: RPCMethod(service: "llara.v1.Encoder", name: "Retrieve"),
            metadata: Metadata(), deadline: nil, traceID: nil, peer: "test")
        let long = ItemSequence(
            items: [HistoryItem](
                repeating: HistoryItem(itemID: "item-1"),
                count: EncoderLimits.maximumSequenceItems + 1))
        let ids = (0...EncoderLimits.maximumExclusions).map(String.init)
        let candidates = (0...EncoderLimits.maximumCandidates).map(String.init)
        for request in [
            RetrieveRequest(sequence: long, count: 1),
            RetrieveRequest(sequence: sequence(1), count: 1, excludedItemIDs: ids),
            RetrieveRequest(sequence: sequence(1), candidateItemIDs: candidates),
        ] {
            let error = await failure { try await service.retrieve(request, context: context) }
            #expect(error?.code == .invalidArgument)
        }
        let many = [ItemSequence](
            repeating: sequence(1), count: EncoderLimits.maximumSequences + 1)
        for sequences in [many, [long]] {
            let error = await failure {
                try await service.encode(EncodeRequest(sequences: sequences), context: context)
            }
            #expect(error?.code == .invalidArgument)
        }
        let states = try await service.encode(
            EncodeRequest(sequences: Array(many.dropLast())), context: context)
        #expect(states.states.rows == EncoderLimits.maximumSequences)
    }

    @Test("as many sequences and candidates as allowed are answered, through the messages' limits")
    func atLimits() async throws {
        let sequences = [ItemSequence](
            repeating: sequence(1), count: EncoderLimits.maximumSequences)
        let encoded = try await client.encode(EncodeRequest(sequences: sequences))
        #expect(encoded.states.rows == sequences.count)
        let ids = (0..<EncoderLimits.maximumCandidates).map { "item-\($0)" }
        let given = try await client.retrieve(
            RetrieveRequest(sequence: sequence(1), candidateItemIDs: ids))
        #expect(given.items.map(\.itemID) == ids)
        #expect(given.items.count(where: \.notInRelease) == ids.count - 12)
        let excluded = try await client.retrieve(
            RetrieveRequest(
                sequence: sequence(1), count: 12,
                excludedItemIDs: (2..<EncoderLimits.maximumExclusions + 2).map { "item-\($0)" }))
        #expect(Set(excluded.items.map(\.itemID)) == ["item-0", "item-1"])
        let long = ItemSequence(
            items: (0..<EncoderLimits.maximumSequenceItems).map {
                HistoryItem(itemID: "item-\($0 % 12)")
            })
        let state = try await client.encode(EncodeRequest(sequences: [long])).states
        #expect(state == (try fixture.encoder().encode(sequences: [(0..<1_000).map { $0 % 12 }])))
    }

    @Test("computations that find no place to wait are refused, one that needs none is answered")
    func queueFull() async throws {
        var router = RPCRouter()
        router.register(
            encoder: try EncoderService(releases: [fixture.release], maximumWaiting: 0))
        let client = EncoderClient(InProcessTransport(router: router))
        let many = [ItemSequence](
            repeating: sequence(1), count: SequentialEncoder.inlineSequences + 1)
        let error = await failure { try await client.encode(EncodeRequest(sequences: many)) }
        #expect(error?.code == .resourceExhausted)
        let few = try await client.encode(EncodeRequest(sequences: many.dropLast()))
        #expect(few.states.rows == SequentialEncoder.inlineSequences)
    }

    @Test("a call past its deadline is refused before anything is computed")
    func deadline() async throws {
        let service = try EncoderService(releases: [fixture.release])
        let context = CallContext(
            method: RPCMethod(service: "llara.v1.Encoder", name: "Retrieve"), deadline: .now)
        let retrieved = await failure {
            try await service.retrieve(
                RetrieveRequest(sequence: sequence(1), count: 1), context: context)
        }
        #expect(retrieved?.code == .deadlineExceeded)
        let encoded = await failure {
            try await service.encode(EncodeRequest(sequences: [sequence(1)]), context: context)
        }
        #expect(encoded?.code == .deadlineExceeded)
    }

    @Test("a doubled candidate is refused")
    func doubledCandidate() async {
        let error = await failure {
            try await client.retrieve(RetrieveRequest(candidateItemIDs: ["item-1", "item-1"]))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("candidate_item_ids") == true)
    }

    @Test("item rows come in the order asked, unknown items are named")
    func itemRows() async throws {
        let response = try await client.itemRows(
            ItemRowsRequest(itemIDs: ["item-3", "new", "item-0"]))
        #expect(response.itemIDs == ["item-3", "item-0"])
        #expect(response.notInReleaseIDs == ["new"])
        #expect(response.rows == (try fixture.encoder().itemRows([3, 0])))
        let none = try await client.itemRows(ItemRowsRequest(itemIDs: ["new"]))
        #expect(none.rows.rows == 0 && none.itemIDs.isEmpty)
    }

    @Test("the description is the release's")
    func describe() async throws {
        let releases = try await client.describe(DescribeRequest()).releases
        let described = try #require(releases.first)
        #expect(releases.count == 1)
        #expect(described.name == "random" && described.representation == .text)
        #expect(described.manifestSHA256 == fixture.release.manifestSHA256)
        #expect(described.rowDimension == 8 && described.embeddingDimension == 16)
        #expect(described.itemCount == 12 && described.llm == "tiny")
        #expect(described.llmSHA256 == [UInt8](repeating: 7, count: 32))
    }

    @Test("releases side by side answer to their names, identities, and the first to none")
    func releases() async throws {
        let other = try RandomEncoderRelease(name: "other", seed: 2)
        let service = try EncoderService(releases: [fixture.release, other.release])
        var router = RPCRouter()
        router.register(encoder: service)
        let client = EncoderClient(InProcessTransport(router: router))
        let first = fixture.release.reference.description
        let second = other.release.reference.description
        for (asked, answered) in [
            ("", first), ("random", first), (first, first), ("other", second), (second, second),
        ] {
            let response = try await client.itemRows(
                ItemRowsRequest(release: asked, itemIDs: ["item-1"]))
            #expect(response.release == answered)
        }
        #expect(try await client.describe(DescribeRequest()).releases.count == 2)
        #expect(
            try await client.describe(DescribeRequest(release: "other")).releases.map(\.name)
                == ["other"])
    }

    @Test("an unknown release, or a known name of another identity, is not found")
    func unknownRelease() async throws {
        for name in ["absent", "random@0000000000000000"] {
            let error = await failure {
                try await client.itemRows(ItemRowsRequest(release: name, itemIDs: []))
            }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("random@") == true)
        }
    }

    @Test("a network of another shape than the manifest's is refused at the start")
    func inconsistentRelease() throws {
        let wrong = try RandomEncoderRelease(statedWindow: 7)
        #expect(throws: ReleaseError.self) { try EncoderService(releases: [wrong.release]) }
    }
}

/// The status of a call that must fail.
private func failure<Value>(_ call: () async throws -> Value) async -> RPCError? {
    await #expect(throws: RPCError.self) { _ = try await call() }
}
