internal import Domain
public import Logging
public import RPC
public import Releases
internal import ServiceAPI
public import Wire

/// What a service has loaded of a release.
public protocol LoadedRelease: Sendable {
    /// The folder it came from.
    var release: Release { get }
}

extension Release: LoadedRelease {
    /// Itself: some services need nothing beside it.
    public var release: Release { self }
}

extension Collection where Element: LoadedRelease {
    /// The release that a request names, `name` or `name@identity`; the first when it names none.
    ///
    /// - Throws: NOT_FOUND listing what is served.
    public func serving(_ asked: String) throws(RPCError) -> Element {
        let reference = ReleaseReference(parsing: asked)
        if let found = first(where: { reference.matches($0.release.reference) }) { return found }
        let served = map { $0.release.reference.description }.joined(separator: ", ")
        throw RPCError(
            code: .notFound, message: "this replica does not serve that release; it has \(served)",
            details: [.fieldViolation(field: "release", message: asked)])
    }

    /// Describe's answer: the release asked for, or every one, the active first.
    ///
    /// - Throws: NOT_FOUND listing what is served.
    public func described(_ asked: String) throws(RPCError) -> DescribeResponse {
        let releases = asked.isEmpty ? map(\.release) : [try serving(asked).release]
        return DescribeResponse(releases: releases.map(\.wireDescription))
    }
}

extension Logger {
    /// Says which releases a process serves.
    public func infoLoaded(_ releases: some Collection<some LoadedRelease>) {
        let names = releases.map { "\($0.release.reference)" }
        info("releases loaded", metadata: ["releases": "\(names.joined(separator: ", "))"])
    }
}

extension Release {
    fileprivate var wireDescription: ReleaseDescription {
        ReleaseDescription(
            name: manifest.name, manifestSHA256: manifestSHA256,
            representation: manifest.representation, rowDimension: manifest.encoder.dimension,
            embeddingDimension: manifest.llm.embeddingDimension,
            itemCount: manifest.vocabulary.itemCount, llm: manifest.llm.name,
            llmSHA256: manifest.llm.sha256,
            adapters: manifest.adapters.map { Adapter(name: $0.name, sha256: $0.sha256) },
            encoderArchitecture: manifest.encoder.model)
    }
}
