import Domain
import GGML
import RPC
import Releases
import ServiceAPI
import Testing
import Wire

@testable import llara_projector

@Suite("Projector service")
struct ProjectorServiceTests {
    private let fixture: RandomProjectorRelease
    private let client: ProjectorClient

    init() throws {
        fixture = try RandomProjectorRelease()
        client = try Self.client([fixture.release])
    }

    private static func client(_ releases: [Release]) throws -> ProjectorClient {
        var router = RPCRouter()
        router.register(projector: try ProjectorService(releases: releases))
        return ProjectorClient(InProcessTransport(router: router))
    }

    private static func vectors(rows: Int, columns: Int = RandomProjectorRelease.input)
        -> FloatTensor
    {
        FloatTensor(
            rows: rows, columns: columns,
            values: (0..<rows * columns).map { Float($0 % 13) * 0.1 - 0.6 })
    }

    @Test("rows are projected as the network does, few or many", arguments: [0, 1, 100])
    func project(rows: Int) async throws {
        let vectors = Self.vectors(rows: rows)
        let response = try await client.project(ProjectRequest(role: "item", vectors: vectors))
        let network = try MLPProjector(path: fixture.release.path(of: "projector.gguf"))
        #expect(response.vectors == (try network.project(vectors)))
        #expect(response.vectors.columns == RandomProjectorRelease.output)
        #expect(response.release == fixture.release.reference.description)
    }

    @Test("rows at the limit are projected, one more is refused")
    func rowLimit() async throws {
        let most = try await client.project(
            ProjectRequest(role: "item", vectors: Self.vectors(rows: ProjectorService.maximumRows)))
        #expect(most.vectors.rows == ProjectorService.maximumRows)
        let error = await failure(
            ProjectRequest(
                role: "item", vectors: Self.vectors(rows: ProjectorService.maximumRows + 1)))
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("\(ProjectorService.maximumRows)") == true)
    }

    @Test(
        "widths of real LLMs are projected, as many rows as an answer holds",
        arguments: [576, 4_096])
    func realWidths(width: Int) async throws {
        let wide = try RandomProjectorRelease(hidden: 2, output: width)
        let client = try Self.client([wide.release])
        let limit = min(
            ProjectorService.maximumRows, ProjectorService.maximumResponseValues / width)
        let most = try await client.project(
            ProjectRequest(role: "item", vectors: Self.vectors(rows: limit)))
        #expect(most.vectors.rows == limit && most.vectors.columns == width)
        #expect(most.vectors.values.allSatisfy { $0.isFinite })
        let error = await #expect(throws: RPCError.self) {
            try await client.project(
                ProjectRequest(role: "item", vectors: Self.vectors(rows: limit + 1)))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("allowed are \(limit)") == true)
    }

    @Test("another width is refused, naming both widths")
    func wrongWidth() async {
        let error = await failure(
            ProjectRequest(role: "item", vectors: Self.vectors(rows: 2, columns: 9)))
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("9 values, the projector takes 8") == true)
    }

    @Test("a value that is not finite is refused with its row and column")
    func notFinite() async {
        var values = Self.vectors(rows: 3).values
        values[2 * 8 + 5] = .nan
        let error = await failure(
            ProjectRequest(
                role: "item", vectors: FloatTensor(rows: 3, columns: 8, values: values)))
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("row 2, column 5") == true)
    }

    @Test("an unknown role is refused, naming those there are")
    func unknownRole() async {
        let error = await failure(ProjectRequest(role: "user", vectors: Self.vectors(rows: 1)))
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("item") == true)
    }

    @Test("an unknown release is not found")
    func unknownRelease() async {
        for name in ["absent", "random@0000000000000000"] {
            let error = await failure(ProjectRequest(release: name, role: "item"))
            #expect(error?.code == .notFound)
        }
    }

    @Test("a release without projector says so")
    func withoutProjector() async throws {
        let text = try RandomProjectorRelease(name: "text", hasProjector: false)
        let client = try Self.client([text.release, fixture.release])
        let error = await #expect(throws: RPCError.self) {
            try await client.project(
                ProjectRequest(role: "item", vectors: Self.vectors(rows: 1)))
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("text") == true)
        let other = try await client.project(
            ProjectRequest(release: "random", role: "item", vectors: Self.vectors(rows: 1)))
        #expect(other.vectors.rows == 1)
    }

    @Test("the description has the widths, and none without a projector")
    func describe() async throws {
        let text = try RandomProjectorRelease(name: "text", hasProjector: false)
        let client = try Self.client([fixture.release, text.release])
        let releases = try await client.describe(DescribeRequest()).releases
        #expect(releases.map(\.name) == ["random", "text"])
        #expect(releases.map(\.rowDimension) == [8, 8])
        #expect(releases.map(\.embeddingDimension) == [16, 16])
        #expect(releases.first?.manifestSHA256 == fixture.release.manifestSHA256)
        #expect(
            try await client.describe(DescribeRequest(release: "text")).releases.map(\.name)
                == ["text"])
    }

    @Test("a projector of another shape than the manifest's is refused at the start")
    func inconsistentRelease() throws {
        let wrong = try RandomProjectorRelease(statedHidden: 13)
        #expect(throws: ReleaseError.self) { try ProjectorService(releases: [wrong.release]) }
    }

    @Test("user states have a projection of their own")
    func userState() async throws {
        let both = try RandomProjectorRelease(roles: ["item", "user"], usesUserState: true)
        let client = try Self.client([both.release])
        let vectors = Self.vectors(rows: 1)
        let item = try await client.project(ProjectRequest(role: "item", vectors: vectors))
        let user = try await client.project(ProjectRequest(role: "user", vectors: vectors))
        #expect(user.vectors.rows == 1 && user.vectors.columns == item.vectors.columns)
        #expect(user.vectors != item.vectors)
    }

    @Test("a projector without the roles that the manifest's prompts need is refused at the start")
    func missingRole() throws {
        let wrong = try RandomProjectorRelease(usesUserState: true)
        let error = #expect(throws: ReleaseError.self) {
            try ProjectorService(releases: [wrong.release])
        }
        #expect(error?.code == .inconsistent)
        #expect(error?.message.contains("user") == true)
    }

    private func failure(_ request: ProjectRequest) async -> RPCError? {
        await #expect(throws: RPCError.self) { _ = try await client.project(request) }
    }
}
