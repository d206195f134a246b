/// A release folder that cannot be used or written.
public struct ReleaseError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: String, Sendable, Hashable {
        /// The folder or one of its files is absent or cannot be read.
        case unreadable
        /// A file is larger, or a list longer, than a limit of ``ReleaseLimits``.
        case tooLarge
        /// The manifest or the vocabulary does not parse, or a value in it is out of range.
        case malformed
        /// The manifest is of a format that this version does not know.
        case unsupportedFormat
        /// A file name that could lead out of the folder, or a name of forbidden characters.
        case unsafeName
        /// A file's SHA-256 is not the one in the manifest.
        case hashMismatch
        /// Parts that do not belong together: counts or dimensions differ.
        case inconsistent
        /// Two releases that cannot be served side by side.
        case clash
        /// The folder to be written exists already.
        case exists
        /// The folder cannot be written.
        case unwritable
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong, in one sentence; names files and fields, never item ids or titles.
    public let message: String
    /// What to do next.
    public let advice: String
    /// The error below, if there was one.
    public let cause: (any Error)?

    /// Makes an error; without `advice` it is the usual one for `code`.
    public init(
        code: Code, message: String, advice: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.advice = advice ?? code.usualAdvice
        self.cause = cause
    }

    /// `message; advice`.
    public var description: String { "\(message); \(advice)" }
}

extension ReleaseError.Code {
    var usualAdvice: String {
        switch self {
        case .unreadable: "check the path and that this user may read the folder"
        case .tooLarge: "check that it is the right file; the limits stand in ReleaseLimits"
        case .malformed: "build the release again"
        case .unsupportedFormat: "use the llara version that wrote it, or build the release again"
        case .unsafeName: "use letters, digits, dot, dash and underscore, not starting with a dot"
        case .hashMismatch: "the file changed after the release was built: copy or build it again"
        case .inconsistent: "build the release again from one training run"
        case .clash: "serve them by processes of their own"
        case .exists: "choose another name or remove the folder"
        case .unwritable: "check free space and permissions of the parent folder"
        }
    }
}
