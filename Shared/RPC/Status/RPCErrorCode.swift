extension RPCError {
    /// One of the 17 status codes of gRPC, with gRPC's numbers.
    ///
    /// Which of three to choose when a call is refused by state: `unavailable` if the caller may
    /// repeat just this call, `aborted` if it must repeat a larger step (read, change, write), and
    /// `failedPrecondition` if it must not repeat before something else has been put right.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The number on the wire, 0 to 16.
        public let rawValue: UInt8

        private init(_ rawValue: UInt8) { self.rawValue = rawValue }

        /// The code with a number, nil beyond 16.
        public init?(rawValue: UInt8) {
            guard rawValue < Self.names.count else { return nil }
            self.rawValue = rawValue
        }

        /// The call succeeded; never thrown.
        public static let ok = Code(0)
        /// The caller gave up.
        public static let cancelled = Code(1)
        /// An error of which nothing is known.
        public static let unknown = Code(2)
        /// The request is wrong whatever the state of the system.
        public static let invalidArgument = Code(3)
        /// The deadline passed before the call ended; it may have had its effect.
        public static let deadlineExceeded = Code(4)
        /// What was asked for does not exist.
        public static let notFound = Code(5)
        /// What was to be created exists.
        public static let alreadyExists = Code(6)
        /// The caller is known but may not do this.
        public static let permissionDenied = Code(7)
        /// A named limit was reached.
        public static let resourceExhausted = Code(8)
        /// The system's state forbids it; repeating does not help until that changes.
        public static let failedPrecondition = Code(9)
        /// A conflict with another caller; repeat from the read on.
        public static let aborted = Code(10)
        /// Past the end of a range that may grow.
        public static let outOfRange = Code(11)
        /// The server has no such service or method.
        public static let unimplemented = Code(12)
        /// A defect of the server.
        public static let internalError = Code(13)
        /// Not now; the same call may succeed on another replica or later.
        public static let unavailable = Code(14)
        /// Data was lost for good.
        public static let dataLoss = Code(15)
        /// Who the caller is could not be established.
        public static let unauthenticated = Code(16)

        private static let names = [
            "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
            "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
            "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
            "UNAUTHENTICATED",
        ]

        /// The name in gRPC's spelling: `INVALID_ARGUMENT`.
        public var name: String { Self.names[Int(rawValue)] }

        /// The name.
        public var description: String { name }
    }
}
