internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The TLS context of a server or client, made anew when one of its files has changed.
///
/// Connections that are there keep what they were made with.
final class TLSContextSource: Sendable {
    /// Name of the protocol in TLS (ALPN); WIRE.md section 1.
    static let applicationProtocol = "llara/1"
    /// Largest file that is read.
    static let maximumFileBytes = 1 << 20

    private struct State {
        var context: NIOSSLContext
        var files: [FileVersion]
        /// The last that could not be used, which are not tried again.
        var unusableFiles: [FileVersion] = []
    }

    private let paths: [String]
    private let make: @Sendable () throws -> NIOSSLContext
    private let state: Mutex<State>

    /// What tells one version of a file from the next.
    private struct FileVersion: Equatable {
        var device: UInt
        var inode: UInt
        var bytes: Int
        var seconds: Int
        var nanoseconds: Int

        init(of path: String) throws(RPCError) {
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw TLSContextSource.unusable(path, String(cString: strerror(errno)))
            }
            guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumFileBytes else {
                throw TLSContextSource.unusable(
                    path, "it is no file of at most \(maximumFileBytes) bytes")
            }
            device = status.st_dev
            inode = status.st_ino
            bytes = status.st_size
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    /// Reads the files.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT naming the file that cannot be used.
    private init(
        paths: [String], make: @escaping @Sendable () throws -> NIOSSLContext
    ) throws(RPCError) {
        self.paths = paths
        self.make = make
        state = Mutex(try Self.load(paths, make))
    }

    private static func load(
        _ paths: [String], _ make: () throws -> NIOSSLContext
    ) throws(RPCError) -> State {
        // The versions first: what changes while it is read is read once more.
        var files: [FileVersion] = []
        for path in paths { files.append(try FileVersion(of: path)) }
        do {
            return State(context: try make(), files: files)
        } catch let error as RPCError {
            throw error
        } catch {
            throw RPCError(
                code: .invalidArgument,
                message: "TLS cannot be set up from \(paths.joined(separator: ", ")); do "
                    + "certificate and key belong together?", cause: error)
        }
    }

    fileprivate static func unusable(
        _ path: String, _ reason: String, cause: (any Error)? = nil
    ) -> RPCError {
        RPCError(
            code: .invalidArgument, message: "TLS cannot use \(path): \(reason)", cause: cause)
    }

    /// The context for the next connection.
    var current: NIOSSLContext { state.withLock(\.context) }

    /// Reads the files again if one of them has changed since they were read last; true if they are
    /// in use now.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT naming what cannot be used, as between the
    ///   replacement of a certificate and that of its key; the context stays.
    func refresh() throws(RPCError) -> Bool {
        var files: [FileVersion] = []
        for path in paths { files.append(try FileVersion(of: path)) }
        let isKnown = state.withLock { $0.files == files || $0.unusableFiles == files }
        guard !isKnown else { return false }
        do throws(RPCError) {
            let loaded = try Self.load(paths, make)
            state.withLock { $0 = loaded }
        } catch {
            state.withLock { $0.unusableFiles = files }
            throw error
        }
        return true
    }

    /// Looks at the files at every `interval` until the task is cancelled.
    func keepCurrent(every interval: Duration, _ logger: Logger) async {
        var lastFailure: String?
        while true {
            do { try await Task.sleep(for: interval) } catch { return }
            do throws(RPCError) {
                if try refresh() { logger.info("the certificates were read again") }
                lastFailure = nil
            } catch {
                // A file that is missing is told once, not at every look.
                guard error.message != lastFailure else { continue }
                lastFailure = error.message
                logger.warning(
                    "the certificates cannot be read again; those of before stay",
                    metadata: ["reason": "\(error.message)"])
            }
        }
    }
}

extension TLSContextSource {
    /// The context of a server; nil for plaintext.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT naming the file that cannot be used.
    static func server(_ security: ServerSecurity) throws(RPCError) -> TLSContextSource? {
        guard case .tls(let identity, let authorities) = security else { return nil }
        let paths = [identity.certificateChain, identity.privateKey]
        return try TLSContextSource(paths: paths + [authorities].compactMap(\.self)) {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try certificates(identity.certificateChain),
                privateKey: try key(identity.privateKey))
            if let authorities {
                configuration.trustRoots = .certificates(try certificateFile(authorities))
                configuration.certificateVerification = .noHostnameVerification
            }
            return try context(&configuration)
        }
    }

    /// The context of a client; nil for plaintext.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT naming the file that cannot be used.
    static func client(_ security: ClientSecurity) throws(RPCError) -> TLSContextSource? {
        guard case .tls(let authorities, let identity, _) = security else { return nil }
        let paths = [authorities, identity?.certificateChain, identity?.privateKey]
        return try TLSContextSource(paths: paths.compactMap(\.self)) {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let authorities {
                configuration.trustRoots = .certificates(try certificateFile(authorities))
            }
            if let identity {
                configuration.certificateChain = try certificates(identity.certificateChain)
                configuration.privateKey = try key(identity.privateKey)
            }
            return try context(&configuration)
        }
    }

    private static func context(_ configuration: inout TLSConfiguration) throws -> NIOSSLContext {
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = [applicationProtocol]
        configuration.shutdownTimeout = .seconds(1)
        return try NIOSSLContext(configuration: configuration)
    }

    private static func certificates(_ path: String) throws -> [NIOSSLCertificateSource] {
        try certificateFile(path).map { .certificate($0) }
    }

    private static func certificateFile(_ path: String) throws -> [NIOSSLCertificate] {
        do {
            return try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw unusable(path, "it holds no certificates in PEM", cause: error)
        }
    }

    private static func key(_ path: String) throws -> NIOSSLPrivateKeySource {
        do {
            return .privateKey(try NIOSSLPrivateKey(file: path, format: .pem))
        } catch {
            throw unusable(path, "it holds no private key in PEM", cause: error)
        }
    }
}
