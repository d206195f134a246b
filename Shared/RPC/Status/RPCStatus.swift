/// The one end of a call, as it stands in TRAILERS.
struct RPCStatus: Sendable, Equatable {
    var code: RPCError.Code
    var message: String
    var details: [RPCError.Detail]
    var metadata: Metadata

    init(
        code: RPCError.Code, message: String, details: [RPCError.Detail] = [],
        metadata: Metadata = Metadata()
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.metadata = metadata
    }

    static let ok = RPCStatus(code: .ok, message: "")

    init(_ error: RPCError) {
        // An error that claims success would make the caller wait for a message.
        let code = error.code == .ok ? RPCError.Code.unknown : error.code
        self.init(code: code, message: error.message, details: error.details)
    }

    /// The status of whatever a handler threw.
    ///
    /// The text of a foreign error may hold data of people or of the system, so that only its kind
    /// is told.
    init(handlerError error: any Error, method: RPCMethod) {
        switch error {
        case let error as RPCError:
            self.init(error)
        case let error as any RPCErrorConvertible:
            self.init(error.rpcError)
        case is CancellationError:
            self.init(code: .cancelled, message: "the handler of \(method) was cancelled")
        default:
            self.init(
                code: .internalError,
                message: "the handler of \(method) failed; its log line says how")
        }
    }

    /// What the caller throws; nil for success.
    var error: RPCError? {
        code == .ok ? nil : RPCError(code: code, message: message, details: details)
    }

    /// The same with a message and details that fit the limits: a status must never fail to be
    /// sent, so that what is too long is cut (at a character) or left out.
    func fitting(_ limits: RPCLimits) -> RPCStatus {
        var fitted = self
        fitted.message = message.prefix(utf8Bytes: limits.statusMessageBytes)
        var bytes = 0
        fitted.details = Array(
            details.prefix(limits.statusDetails).prefix { detail in
                bytes += detail.type.utf8.count + detail.value.count
                return bytes <= limits.statusDetailBytes
            })
        if metadata.violation(of: limits) != nil { fitted.metadata = Metadata() }
        return fitted
    }
}

extension String {
    /// The longest prefix of whole characters that is at most `limit` bytes of UTF-8.
    func prefix(utf8Bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while String.Index(end, within: self) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
