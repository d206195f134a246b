internal import Domain
public import RPC
public import Releases
public import Wire

extension Release {
    /// The release as every service's Describe answers it.
    public var wireDescription: ReleaseDescription {
        ReleaseDescription(
            name: manifest.name, manifestSHA256: manifestSHA256,
            representation: manifest.representation, rowDimension: manifest.encoder.dimension,
            embeddingDimension: manifest.llm.embeddingDimension,
            itemCount: manifest.vocabulary.itemCount, llm: manifest.llm.name,
            llmSHA256: manifest.llm.sha256,
            adapters: manifest.adapters.map {
                Adapter(name: $0.name, sha256: $0.sha256)
            })
    }

    /// Refuses a call that asks for another release; an empty reference asks for any.
    ///
    /// - Throws: NOT_FOUND for another name, FAILED_PRECONDITION for another folder of this name.
    public func requireServed(_ asked: String) throws(RPCError) {
        let wanted = ReleaseReference(parsing: asked)
        guard !wanted.matches(reference) else { return }
        throw RPCError(
            code: wanted.name == reference.name ? .failedPrecondition : .notFound,
            message: "release \(wanted) is not served here; \(reference) is")
    }
}
