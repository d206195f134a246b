internal import FoundationEssentials

extension ReleaseManifest {
    /// The bytes of manifest.json: pretty, sorted, one newline at the end.
    package func encoded() throws(ReleaseError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        } catch {
            // JSON has no NaN and no infinity; nothing else can fail.
            throw ReleaseError(
                code: .malformed, message: "a number of the manifest is not finite", cause: error)
        }
    }

    /// Reads and validates manifest.json.
    package init(encoded bytes: [UInt8]) throws(ReleaseError) {
        struct Version: Decodable { var format: Int }
        let version = try Self.decode(Version.self, bytes)
        guard version.format == ReleaseLimits.format else {
            throw ReleaseError(
                code: .unsupportedFormat,
                message: "the manifest has format \(version.format), known is "
                    + "\(ReleaseLimits.format)")
        }
        self = try Self.decode(ReleaseManifest.self, bytes)
        try validate()
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: [UInt8]
    ) throws(ReleaseError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw ReleaseError(
                code: .malformed, message: "manifest.json: \(reason(of: error))", cause: error)
        }
    }

    private static func reason(of error: any Error) -> String {
        func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            (context.codingPath + (last.map { [$0] } ?? [])).map(\.stringValue)
                .joined(separator: ".")
        }
        return switch error as? DecodingError {
        case .keyNotFound(let key, let context): "\(path(context, key)) is absent"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(path(context)) is of another type"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            "\(path(context)) has a value that is not allowed"
        default: "not JSON"
        }
    }
}
