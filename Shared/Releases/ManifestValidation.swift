internal import Domain

extension ReleaseManifest {
    private static let digestBytes = 32

    /// Every file of the folder besides the manifest, with its hash and size limit.
    var files: [(name: String, sha256: [UInt8], limit: Int)] {
        let model = ReleaseLimits.maximumModelBytes
        var files = [(encoder.file, encoder.sha256, model)]
        if let projector { files.append((projector.file, projector.sha256, model)) }
        files += adapters.map { ($0.file, $0.sha256, model) }
        files.append((vocabulary.file, vocabulary.sha256, ReleaseLimits.maximumVocabularyBytes))
        return files
    }

    /// Names of the files of the folder besides the manifest.
    public var fileNames: [String] { files.map(\.name) }

    /// Checks names, ranges, and that the parts belong together.
    func validate() throws(ReleaseError) {
        try checkNames()
        let limit = ReleaseLimits.maximumDimension
        try check(encoder.dimension, "encoder.dimension", atMost: limit)
        try check(encoder.window, "encoder.window", atMost: limit)
        try check(llm.embeddingDimension, "llm.embedding_dimension", atMost: limit)
        try check(llm.vocabularySize, "llm.vocabulary_size", atMost: Int(Int32.max))
        try check(encoder.itemCount, "encoder.item_count", atMost: Int(Int32.max))
        guard vocabulary.itemCount == encoder.itemCount else {
            throw ReleaseError(
                code: .inconsistent,
                message: "the manifest counts \(encoder.itemCount) items in the encoder and "
                    + "\(vocabulary.itemCount) in the vocabulary")
        }
        if let projector { try check(projector) }
        guard projector != nil || representation == .text || representation == .index else {
            throw ReleaseError(
                code: .inconsistent,
                message: "representation \(representation.rawValue) needs a projector")
        }
        guard !usesUserState || (projector != nil && representation.hasBehaviouralTokens) else {
            throw ReleaseError(
                code: .inconsistent,
                message: "prompt.user_state needs a projector and a representation with vectors, "
                    + "hybrid or behavioural")
        }
        guard fusion.llm.isFinite, fusion.srs.isFinite else {
            throw ReleaseError(code: .malformed, message: "a fusion weight is not finite")
        }
        let digests = files.map { ($0.name, $0.sha256) } + [("the LLM", llm.sha256)]
        for (file, digest) in digests where digest.count != Self.digestBytes {
            throw ReleaseError(
                code: .malformed, message: "the SHA-256 of \(file) is not 64 digits")
        }
    }

    private func checkNames() throws(ReleaseError) {
        for (what, name) in [("release name", name)] + files.map({ ("file name", $0.name) })
            + adapters.map({ ("adapter name", $0.name) })
        where !ReleaseLimits.isSafeName(name) {
            throw ReleaseError(
                code: .unsafeName, message: "the manifest has a \(what) that is not allowed")
        }
        guard adapters.count <= ReleaseLimits.maximumAdapters else {
            throw ReleaseError(
                code: .tooLarge, message: "more than \(ReleaseLimits.maximumAdapters) adapters")
        }
        let names = files.map(\.name) + [Release.manifestFile]
        guard Set(names).count == names.count,
            Set(adapters.map(\.name)).count == adapters.count
        else {
            throw ReleaseError(code: .malformed, message: "two parts have one name")
        }
        guard ItemDomain(rawValue: domain) != nil else {
            throw ReleaseError(
                code: .malformed, message: "the domain is not one of \(ItemDomain.list)")
        }
    }

    private func check(_ projector: Projector) throws(ReleaseError) {
        try check(
            projector.hidden, "projector.hidden", atMost: ReleaseLimits.maximumDimension)
        guard projector.input == encoder.dimension,
            projector.output == llm.embeddingDimension
        else {
            throw ReleaseError(
                code: .inconsistent,
                message: "a projector from \(projector.input) to \(projector.output) stands "
                    + "between \(encoder.dimension) and \(llm.embeddingDimension)")
        }
    }

    private func check(
        _ value: Int, _ field: String, atMost limit: Int
    ) throws(ReleaseError) {
        guard (1...limit).contains(value) else {
            throw ReleaseError(
                code: .malformed, message: "\(field) is \(value), allowed is 1 to \(limit)")
        }
    }
}
