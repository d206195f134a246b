import CTorchTable
import Glibc

/// libtorch, opened at run time through its versioned table of C functions.
///
/// The product never links torch: the shim `libllara_torch.so` is compiled by the bootstrap against
/// whichever torch is there, so one binary runs with a CPU or a CUDA build, or without any. A library
/// stays open until the process ends, because libtorch's own threads outlive any caller.
///
/// Handles may move between threads but are not to be used by two at once; seed, generator state and
/// number of threads belong to the whole process.
public final class TorchLibrary: @unchecked Sendable {
    // Sendable: the table is a constant of the opened library, which is never closed.
    let table: UnsafePointer<llara_torch_table>

    /// The version of torch that the shim was compiled against, such as "2.13.0".
    public let version: String

    /// Where the shim was found.
    public let path: String

    /// Opens the shim at `path`, or where ``locate()`` finds it.
    ///
    /// - Throws: ``TorchError`` with code `unavailable` when there is none, it does not load, or its
    ///   table has another version.
    public init(path requested: String? = nil) throws(TorchError) {
        let path: String
        if let requested { path = requested } else { path = try Self.locate() }
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw Self.unavailable("\(path) does not load: \(Self.loaderMessage())")
        }
        guard let symbol = dlsym(library, LLARA_TORCH_GET_TABLE) else {
            throw Self.unavailable("\(path) is no torch shim: it lacks \(LLARA_TORCH_GET_TABLE)")
        }
        let table = unsafeBitCast(symbol, to: llara_torch_get_table_function.self)()
        guard table.pointee.version == LLARA_TORCH_TABLE_VERSION else {
            throw Self.unavailable(
                "\(path) has table version \(table.pointee.version), "
                    + "this program wants \(LLARA_TORCH_TABLE_VERSION)")
        }
        let first = MemoryLayout<llara_torch_table>.offset(of: \.manual_seed) ?? 0
        let expected = (MemoryLayout<llara_torch_table>.size - first) / MemoryLayout<Int>.size
        guard Int(table.pointee.function_count) == expected else {
            throw Self.unavailable(
                "\(path) has \(table.pointee.function_count) functions, not \(expected)")
        }
        self.table = table
        self.version = String(cString: table.pointee.torch_version)
        self.path = path
    }

    /// Finds the shim: `LLARA_TORCH_LIBRARY`, then `LLARA_PREFIX`/torch, then `.prefix/torch` in the
    /// folders above the executable and above the working directory.
    ///
    /// - Throws: ``TorchError`` with code `unavailable` that names what was tried.
    public static func locate() throws(TorchError) -> String {
        try locate { name in getenv(name).map { String(cString: $0) } }
    }

    /// As ``locate()``, with the environment as a parameter.
    static func locate(environment: (String) -> String?) throws(TorchError) -> String {
        if let named = environment("LLARA_TORCH_LIBRARY"), !named.isEmpty {
            guard isReadable(named) else {
                throw unavailable("LLARA_TORCH_LIBRARY names \(named), which cannot be read")
            }
            return named
        }
        let name = "torch/libllara_torch.so"
        var candidates: [String] = []
        if let prefix = environment("LLARA_PREFIX"), !prefix.isEmpty {
            candidates.append("\(prefix)/\(name)")
        }
        for start in [executablePath(), workingDirectory()].compactMap({ $0 }) {
            candidates += foldersAbove(start).map { "\($0)/.prefix/\(name)" }
        }
        guard let found = candidates.first(where: isReadable) else {
            throw unavailable("no libllara_torch.so in LLARA_PREFIX or in a .prefix above here")
        }
        return found
    }

    /// `path` and every folder above it, nearest first, without a trailing slash.
    static func foldersAbove(_ path: String) -> [String] {
        var parts = path.split(separator: "/")
        var folders: [String] = []
        while !parts.isEmpty {
            folders.append("/" + parts.joined(separator: "/"))
            parts.removeLast()
        }
        return folders
    }

    private static func unavailable(_ reason: String) -> TorchError {
        TorchError(
            code: .unavailable,
            message: "training needs libtorch: \(reason); next: Deploy/bootstrap --with-torch")
    }

    private static func loaderMessage() -> String {
        dlerror().map { String(cString: $0) } ?? "no reason given"
    }

    private static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    private static func executablePath() -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
        guard length > 0 else { return nil }
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func workingDirectory() -> String? {
        guard let name = getcwd(nil, 0) else { return nil }
        defer { free(name) }
        return String(cString: name)
    }
}

extension TorchLibrary {
    /// Runs one function of the table and turns its code and message into an error.
    func check(
        _ operation: StaticString, _ body: (UnsafePointer<llara_torch_error>) -> Int32
    ) throws(TorchError) {
        let capacity = 2_048
        let failure: TorchError? = withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: capacity
        ) { buffer -> TorchError? in
            guard let text = buffer.baseAddress else { return nil }
            text.pointee = 0
            var error = llara_torch_error(text: text, capacity: capacity)
            let code = body(&error)
            guard code != Int32(LLARA_TORCH_OK.rawValue) else { return nil }
            return TorchError(
                code: Self.code(code), message: "\(operation): \(String(cString: text))")
        }
        if let failure { throw failure }
    }

    /// Runs one function of the table that hands out a tensor.
    func tensor(
        _ operation: StaticString,
        _ body: (UnsafeMutablePointer<OpaquePointer?>, UnsafePointer<llara_torch_error>) -> Int32
    ) throws(TorchError) -> Tensor {
        guard let made = try optionalTensor(operation, body) else {
            throw TorchError(code: .failed, message: "\(operation): no result")
        }
        return made
    }

    /// As ``tensor(_:_:)``, where the function may find nothing.
    func optionalTensor(
        _ operation: StaticString,
        _ body: (UnsafeMutablePointer<OpaquePointer?>, UnsafePointer<llara_torch_error>) -> Int32
    ) throws(TorchError) -> Tensor? {
        var handle: OpaquePointer?
        try check(operation) { error in body(&handle, error) }
        return handle.map { Tensor(library: self, handle: $0) }
    }

    private static func code(_ raw: Int32) -> TorchError.Code {
        switch UInt32(bitPattern: raw) {
        case LLARA_TORCH_BAD_ARGUMENT.rawValue: .badArgument
        case LLARA_TORCH_OUT_OF_MEMORY.rawValue: .outOfMemory
        case LLARA_TORCH_UNSUPPORTED.rawValue: .unsupported
        default: .failed
        }
    }
}
