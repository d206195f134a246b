internal import Foundation
internal import NIOCore
internal import NIOPosix

/// Where a client finds the addresses of its replicas, and learns of changes.
public enum RPCResolver: Sendable, Hashable {
    /// These, for good.
    case fixed([RPCAddress])
    /// A file with an address in each line (`#` begins a comment), looked at every `interval`.
    case file(path: String, interval: Duration)
    /// All addresses of a host name, asked for anew every `timeToLive`, as the system's resolver
    /// does not tell the records' own.
    case dns(RPCAddress, timeToLive: Duration)

    /// Most addresses that are taken; beyond, the list is refused.
    public static let maximumAddresses = 1_000
    /// Largest file that is read.
    static let maximumFileBytes = 1 << 20

    /// The time between two looks; nil where there is one only.
    var interval: Duration? {
        switch self {
        case .fixed: nil
        case .file(_, let interval): interval
        case .dns(_, let timeToLive): timeToLive
        }
    }

    /// The host in the certificate of a replica: the name that was asked for, where it was resolved
    /// here.
    func serverName(of replica: RPCAddress) -> String {
        if case .dns(let address, _) = self { address.host } else { replica.host }
    }

    /// Throws INVALID_ARGUMENT for an interval outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("resolver.interval").check(interval, .positiveUpToADay)
    }

    /// The addresses now.
    ///
    /// - Throws: ``RPCError``: INVALID_ARGUMENT naming the line that is no address, UNAVAILABLE
    ///   where file or name cannot be read, RESOURCE_EXHAUSTED for too many.
    func addresses() async throws -> [RPCAddress] {
        let found: [RPCAddress]
        switch self {
        case .fixed(let addresses): found = addresses
        case .file(let path, _): found = try Self.addresses(inFile: path)
        case .dns(let address, _): found = try await Self.addresses(ofHost: address)
        }
        guard found.count <= Self.maximumAddresses else {
            throw RPCError(
                code: .resourceExhausted,
                message: "\(found.count) addresses, at most \(Self.maximumAddresses)")
        }
        return found
    }

    private static func addresses(inFile path: String) throws -> [RPCAddress] {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: maximumFileBytes + 1) ?? Data()
        } catch {
            throw RPCError(
                code: .unavailable, message: "the list of addresses \(path) cannot be read",
                cause: error)
        }
        guard data.count <= maximumFileBytes else {
            throw RPCError(
                code: .resourceExhausted,
                message: "the list of addresses \(path) has more than \(maximumFileBytes) bytes")
        }
        return try addresses(in: String(decoding: data, as: UTF8.self), of: path)
    }

    /// Addresses, one a line; blank lines and comments count for nothing.
    static func addresses(in text: String, of name: String) throws -> [RPCAddress] {
        var addresses: [RPCAddress] = []
        for (index, line) in text.split(
            separator: "\n", omittingEmptySubsequences: false
        ).enumerated() {
            let content = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
            if content.isEmpty { continue }
            do {
                addresses.append(try RPCAddress(parsing: content))
            } catch let error as RPCError {
                throw RPCError(
                    code: error.code, message: "\(name), line \(index + 1): \(error.message)")
            }
        }
        return addresses
    }

    /// In a task of its own: the system's resolver blocks the thread that asks.
    private static func addresses(ofHost address: RPCAddress) async throws -> [RPCAddress] {
        do {
            let found = try await NIOThreadPool.singleton.runIfActive {
                try HostLookup.addresses(of: address.host)
            }
            return found.map { RPCAddress(host: $0, port: address.port) }
        } catch {
            throw RPCError(
                code: .unavailable,
                message: "the name \(address.host) cannot be resolved; is it right, and is DNS "
                    + "reachable?", cause: error)
        }
    }
}
