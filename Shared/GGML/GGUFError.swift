/// A GGUF file that cannot be read, trusted or written.
public struct GGUFError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: String, Sendable, Hashable {
        /// The file cannot be opened or read.
        case unreadable
        /// The bytes are not GGUF, or contradict themselves.
        case malformed
        /// A count or length lies beyond a limit of ``GGUFLimits``.
        case limitExceeded
        /// Correct GGUF, but of a version, byte order or type that is not supported here.
        case unsupported
        /// A metadata key is absent or of another type.
        case metadata
        /// A tensor is absent, or has another shape or type.
        case tensor
        /// The file cannot be written.
        case unwritable
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong, in one sentence.
    public let message: String
    /// The file.
    public let path: String
    /// What to do next.
    public let advice: String

    /// Makes an error; without `advice` it is the usual one for `code`.
    public init(code: Code, message: String, path: String, advice: String? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.advice = advice ?? code.usualAdvice
    }

    /// `path: message; advice`.
    public var description: String { "\(path): \(message); \(advice)" }
}

extension GGUFError.Code {
    var usualAdvice: String {
        switch self {
        case .unreadable: "check that the file exists and that this user may read it"
        case .malformed: "copy or build the file again and compare its SHA-256"
        case .limitExceeded: "use a smaller model, or raise the limit in GGUFLimits"
        case .unsupported: "convert the file to little-endian GGUF version 3 in a known type"
        case .metadata, .tensor: "use a file written for this network and release"
        case .unwritable: "check free space and permissions of the folder"
        }
    }
}
