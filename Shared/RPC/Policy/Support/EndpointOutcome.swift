/// What the end of an attempt says about the replica that it went to.
enum EndpointOutcome: Equatable {
    /// It did what it was asked, or found the caller's mistake.
    case success
    /// It failed.
    case failure
    /// It refused because of its load: it is well, but its speed is no measure.
    ///
    /// No reason to eject it, which would only move the load to the others.
    case refusal
    /// Nothing but that it took at least so long: the caller gave up, or another attempt won.
    case ignored

    /// What an attempt's status says.
    init(_ code: RPCError.Code) {
        switch code {
        case .unavailable, .internalError, .unknown, .dataLoss, .deadlineExceeded: self = .failure
        case .resourceExhausted: self = .refusal
        case .cancelled: self = .ignored
        default: self = .success
        }
    }
}
