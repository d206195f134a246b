import ArgumentParser

/// What makes a repeated write harmless.
struct IdempotencyOptions: ParsableArguments {
    @Option(
        name: .customLong("idempotency-key"),
        help: "The same key within a day answers as before and writes nothing twice.")
    var key = ""

    func validate() throws {
        let bytes = key.utf8.count
        guard bytes <= CommandLimits.maximumIdempotencyKeyBytes else {
            throw ValidationError(
                "--idempotency-key has \(bytes) bytes, more than "
                    + "\(CommandLimits.maximumIdempotencyKeyBytes).")
        }
    }

    /// The key of one of several calls, the first being 1.
    func key(ofCall number: Int) -> String {
        key.isEmpty || number == 1 ? key : "\(key)/\(number)"
    }
}

/// What every write of items says of itself.
struct WriteOptions: ParsableArguments {
    @Option(help: "Who changes, for the change log (default: USER).") var author: String?
    @OptionGroup var idempotency: IdempotencyOptions

    var writer: String { author ?? Self.defaultAuthor }

    /// Who is named in the change log unless --author says otherwise.
    static var defaultAuthor: String { Console.environment("USER") ?? "llara" }
}
