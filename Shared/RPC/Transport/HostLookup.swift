internal import Glibc

/// The system's name resolution.
enum HostLookup {
    /// What `getaddrinfo` said.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The numeric addresses of a name, each once, in the system's order; blocks.
    static func addresses(of host: String) throws -> [String] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else { throw Failure(description: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var next = list
        while let entry = next?.pointee {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let isNamed =
                getnameinfo(
                    entry.ai_addr, entry.ai_addrlen, &name, socklen_t(name.count), nil, 0,
                    NI_NUMERICHOST) == 0
            let text = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            if isNamed, !addresses.contains(text) { addresses.append(text) }
            next = entry.ai_next
        }
        return addresses
    }
}
