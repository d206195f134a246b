import Domain
import GGML
import RPC
import ReleaseModels
import Releases
import ServiceAPI
import ServiceKit
import Wire

/// Answers llara.v1.Projector from loaded releases, the first of which is the active one.
///
/// A response names its release as `name@identity`, whatever form the request used.
struct ProjectorService: ProjectorHandler {
    /// Rows of one Project call.
    static let maximumRows = 4_096
    /// Rows of the calls that compute or wait at a time.
    static let maximumWaitingRows = 65_536
    /// Values of one response; 16 MB, which is what a message may hold.
    static let maximumResponseValues = 4_000_000

    private struct Loaded: LoadedRelease {
        let release: Release
        /// Nil for a release without one, as before a projector is trained.
        let projector: MLPProjector?
    }

    private let loaded: [Loaded]
    private let budget = RowBudget(maximumRows: maximumWaitingRows)

    /// Loads the projector of every release that has one, and compares its shape and roles with
    /// the manifest.
    init(releases: [Release], threads: Int = 1) throws {
        loaded = try releases.map { release in
            let projector = try MLPProjector(release: release, threads: threads)
            try projector?.warmUp()
            return Loaded(release: release, projector: projector)
        }
    }

    /// One output row for each row; FAILED_PRECONDITION for a release without projector.
    func project(
        _ request: ProjectRequest, context: CallContext
    ) async throws -> ProjectResponse {
        let served = try loaded.serving(request.release)
        guard let projector = served.projector else {
            throw RPCError(
                code: .failedPrecondition,
                message: "release \(served.release.manifest.name) has no projector; use its "
                    + "representation \(served.release.manifest.representation.rawValue)")
        }
        let limit = min(Self.maximumRows, Self.maximumResponseValues / projector.output)
        guard request.vectors.rows <= limit else {
            throw invalid("vectors", "\(request.vectors.rows) rows, allowed are \(limit)")
        }
        do {
            let vectors = try await budget.withRows(request.vectors.rows) {
                try await projector.project(batch: request.vectors, role: request.role)
            }
            return ProjectResponse(
                release: served.release.reference.description, vectors: vectors)
        } catch let error as ComputeError {
            switch error.code {
            case .unknownRole: throw invalid("role", error.description)
            case .wrongDimension, .notFinite: throw invalid("vectors", error.description)
            case .queueFull:
                throw RPCError(code: .resourceExhausted, message: error.description)
            case .deadlinePassed:
                throw RPCError(code: .deadlineExceeded, message: error.description)
            case .cancelled: throw RPCError(code: .cancelled, message: error.description)
            case .emptySequence, .indexOutOfRange, .engine:
                throw RPCError(code: .internalError, message: error.description, cause: error)
            }
        }
    }

    /// The release asked for; every served one, the active first, when none is named.
    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        try loaded.described(request.release)
    }
}

private func invalid(_ field: String, _ message: String) -> RPCError {
    RPCError(
        code: .invalidArgument, message: "\(field): \(message)",
        details: [.fieldViolation(field: field, message: message)])
}
