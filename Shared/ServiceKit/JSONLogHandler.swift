internal import FoundationEssentials
public import Logging
internal import RPC

/// Writes one JSON object a line to standard error: ts, level, service, message, trace_id, metadata.
///
/// Titles, user ids and vectors do not belong in a log line; whoever logs leaves them out.
public struct JSONLogHandler: LogHandler {
    /// Fields of every line.
    public var metadata: Logger.Metadata = [:]
    /// Not asked: the trace id comes from the call's context.
    public var metadataProvider: Logger.MetadataProvider?
    /// Events below this level are not written.
    public var logLevel: Logger.Level
    private let service: String

    /// A handler that names `service` in every line.
    public init(service: String, level: Logger.Level) {
        self.service = service
        self.logLevel = level
    }

    /// Writes the event.
    public func log(event: LogEvent) {
        let line = Self.line(
            time: Date(), service: service, level: event.level, message: "\(event.message)",
            traceID: CallContext.current?.traceID,
            metadata: metadata.merging(event.metadata ?? [:]) { _, new in new })
        // One write call a line, so that lines of several threads do not mix.
        line.withUTF8Bytes { bytes in _ = standardErrorWrite(bytes) }
    }

    /// One field of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// The line of one event, newline included; keys sorted, so that equal events read alike.
    static func line(
        time: Date, service: String, level: Logger.Level, message: String, traceID: String?,
        metadata: Logger.Metadata
    ) -> String {
        var fields = metadata.mapValues { "\($0)" }
        fields["ts"] = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        fields["level"] = level.rawValue
        fields["service"] = service
        fields["message"] = message
        // Who logs beside a call names the call itself.
        if let traceID, fields["trace_id"] == nil { fields["trace_id"] = traceID }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings alone always encode.
        let json = (try? encoder.encode(fields)) ?? Data()
        return String(decoding: json, as: UTF8.self) + "\n"
    }
}
