import Domain
import GatewayCore
import RPC
import Releases
import ServiceKit

/// A release that this gateway answers from.
struct ServedRelease: LoadedRelease {
    let release: Release
    /// How its prompts are written.
    let template: PromptTemplate

    /// Takes the first template of the release's domain.
    ///
    /// - Throws: `RPCError` when nobody wrote prompts for that domain.
    init(_ release: Release) throws(RPCError) {
        let domain = release.manifest.domain
        guard let template = PromptTemplate.templates(domain: domain)?.first else {
            throw RPCError(
                code: .failedPrecondition,
                message: "no prompt template for domain '\(domain)'; use one of \(ItemDomain.list)")
        }
        self.release = release
        self.template = template
    }

    /// How other services name it.
    var reference: ReleaseReference { release.reference }

    /// The adapter that the ranker uses when a request names none; empty without one.
    var adapter: String { release.manifest.defaultAdapter?.name ?? "" }

    /// Number of items that it has rows for.
    var itemCount: Int { release.vocabulary.count }

    /// Whether the release has a row for the item, hence a behavioural token.
    func knows(_ itemID: String) -> Bool { release.vocabulary.index(of: itemID) != nil }

    /// What items look like in the prompt: as asked, or as the release was trained.
    ///
    /// - Throws: FAILED_PRECONDITION when the release lacks what that needs.
    func representation(asked: Representation?) throws(RPCError) -> Representation {
        let representation = asked ?? release.manifest.representation
        guard !representation.hasBehaviouralTokens || release.manifest.projector != nil else {
            throw RPCError(
                code: .failedPrecondition,
                message: "release \(reference) has no projector, so it cannot answer "
                    + "\(representation.rawValue); ask for text")
        }
        return representation
    }
}
