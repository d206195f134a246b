/// Code of ours that takes bytes from outside, as a fuzzer and the replay of its corpus call it.
public struct FuzzSubject: Sendable {
    /// Its name: the corpus's folder and the value of `LLARA_FUZZ`.
    public let name: String
    /// Takes any bytes; throws ``FuzzFinding`` when what it read does not hold what it promises.
    ///
    /// Bytes that are refused with the error that callers expect are no finding.
    public let run: @Sendable ([UInt8]) throws -> Void

    /// All subjects.
    public static let all: [FuzzSubject] = [
        messages, manifest, vocabulary, models, server, client,
    ]
}

/// A promise that some bytes broke.
public struct FuzzFinding: Error, CustomStringConvertible {
    /// What does not hold.
    public let description: String
}
