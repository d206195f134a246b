import Domain
import GGML
import RPC
import Releases
import ServiceAPI
import Testing
import Wire

@testable import llara_encoder

@Suite("Encoder architectures")
struct ArchitectureTests {
    /// The design, and whether its states are wider than item rows.
    static let forms: [(SequentialConfiguration.Architecture, Bool)] = [
        (.sasrec, false), (.gru4rec, false), (.caser, false), (.caser, true),
    ]

    @Test("every method answers over a socket as the network says", arguments: forms)
    func overSocket(
        architecture: SequentialConfiguration.Architecture, isStateWide: Bool
    ) async throws {
        let fixture = try RandomEncoderRelease(architecture, isStateWide: isStateWide)
        let network = try fixture.encoder()
        try await served(fixture) { client in
            let described = try await client.describe(DescribeRequest()).releases
            #expect(described.map(\.encoderArchitecture) == [architecture.rawValue])
            #expect(described.map(\.rowDimension) == [RandomEncoderRelease.dimension])

            let histories = (0..<40).map { first in (0...first % 9).map { ($0 + first) % 12 } }
            let encoded = try await client.encode(
                EncodeRequest(sequences: histories.map(sequence)))
            let expected = try network.encode(sequences: histories)
            #expect(encoded.states == expected)
            #expect(encoded.states.columns == network.stateDimension)

            let retrieved = try await client.retrieve(
                RetrieveRequest(sequence: sequence([1, 2]), count: 12, excludedItemIDs: ["item-1"]))
            let state = try network.encode(sequences: [[1, 2]]).row(0)
            let best = try network.topK(state: state, count: 12, excluding: [1])
            #expect(retrieved.items.map(\.itemID) == best.map { "item-\($0.index)" })
            #expect(retrieved.items.count == 11)

            let given = try await client.retrieve(
                RetrieveRequest(
                    sequence: sequence([1, 2]), candidateItemIDs: ["item-7", "new", "item-3"]))
            let scores = try network.scores(state: state, items: [7, 3])
            #expect(
                given.items == [
                    RetrievedItem(itemID: "item-7", score: scores[0]),
                    RetrievedItem(
                        itemID: "new", score: (scores[0] + scores[1]) / 2, notInRelease: true),
                    RetrievedItem(itemID: "item-3", score: scores[1]),
                ])

            let rows = try await client.itemRows(ItemRowsRequest(itemIDs: ["item-3"]))
            #expect(rows.rows == (try network.itemRows([3])))
        }
    }

    @Test("states wider than item rows are refused where the prompts hold the user's state")
    func wideUserState() throws {
        let narrow = try RandomEncoderRelease(.caser, usesUserState: true)
        _ = try EncoderService(releases: [narrow.release])
        let wide = try RandomEncoderRelease(.caser, isStateWide: true, usesUserState: true)
        let error = #expect(throws: ReleaseError.self) {
            try EncoderService(releases: [wide.release])
        }
        #expect(error?.code == .inconsistent)
        #expect(error?.message.contains("user_state") == true)
    }

    @Test("pages by offset join to the whole order, equal scores by id", arguments: forms)
    func pages(
        architecture: SequentialConfiguration.Architecture, isStateWide: Bool
    ) async throws {
        let fixture = try RandomEncoderRelease(architecture, isStateWide: isStateWide)
        let client = try client(of: fixture)
        func items(_ count: Int, from offset: Int) async throws -> [RetrievedItem] {
            try await client.retrieve(
                RetrieveRequest(
                    sequence: sequence([1, 2]), count: count,
                    excludedItemIDs: ["item-4", "item-9"], offset: offset)
            ).items
        }
        let all = try await items(100, from: 0)
        #expect(all.count == 10)
        #expect(Set(all.map(\.itemID)).isDisjoint(with: ["item-4", "item-9"]))
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.score >= $1.score })
        var joined: [RetrievedItem] = []
        for page in 0..<5 { joined += try await items(3, from: 3 * page) }
        #expect(joined == all)
        #expect(try await items(3, from: Int(UInt32.max)).isEmpty)
    }

    @Test("equal scores stand in the order of ids, on every page")
    func ties() async throws {
        // A Caser whose output table is zero gives every item the same score.
        let fixture = try RandomEncoderRelease(.gru4rec) { writer in
            writer.set("gru4rec.tied_output", .bool(false))
            let width = RandomEncoderRelease.dimension
            let items = RandomEncoderRelease.ids.count
            try writer.add(
                tensor: "output.weight", dimensions: [width, items],
                values: [Float](repeating: 0, count: width * items))
        }
        let client = try client(of: fixture)
        var ids: [String] = []
        for offset in stride(from: 0, to: 12, by: 5) {
            ids += try await client.retrieve(
                RetrieveRequest(sequence: sequence([1]), count: 5, offset: offset)
            ).items.map(\.itemID)
        }
        #expect(ids == RandomEncoderRelease.ids.sorted())
    }

    @Test("a file of another design than the manifest's is refused at the start")
    func wrongArchitecture() throws {
        let fixture = try RandomEncoderRelease(.gru4rec, statedModel: "sasrec")
        let error = #expect(throws: ReleaseError.self) {
            try EncoderService(releases: [fixture.release])
        }
        #expect(error?.code == .inconsistent)
        #expect(error?.message.contains("gru4rec") == true)
        #expect(error?.message.contains("sasrec") == true)
    }

    @Test("a file of an unknown design, or without a tensor, is refused at the start")
    func faultyFile() throws {
        let unknown = try RandomEncoderRelease(.caser) {
            $0.set("general.architecture", .string("bert4rec"))
        }
        let error = #expect(throws: GGUFError.self) {
            try EncoderService(releases: [unknown.release])
        }
        #expect(error?.message.contains("sasrec, gru4rec, caser") == true)
        let untied = try RandomEncoderRelease(.gru4rec) {
            $0.set("gru4rec.tied_output", .bool(false))
        }
        #expect(throws: GGUFError.self) { try EncoderService(releases: [untied.release]) }
    }

    private func sequence(_ indices: [Int]) -> ItemSequence {
        ItemSequence(items: indices.map { HistoryItem(itemID: "item-\($0)") })
    }

    private func client(of fixture: RandomEncoderRelease) throws -> EncoderClient {
        var router = RPCRouter()
        router.register(encoder: try EncoderService(releases: [fixture.release]))
        return EncoderClient(InProcessTransport(router: router))
    }
}
