/// How a server listens and what it allows.
public struct RPCServerConfiguration: Sendable, Hashable {
    /// Where to listen; port 0 takes a free one.
    public var address: RPCAddress
    /// Limits of each connection.
    public var limits: RPCLimits
    /// Most connections at a time; the next is told so by GOAWAY and closed.
    public var connections: Int
    /// Time that calls in flight get when the server shuts down; the rest ends with UNAVAILABLE.
    public var drainTimeout: Duration
    /// When a client that is silent while calls are open is asked for a sign of life.
    public var keepalive = KeepaliveConfiguration.defaults
    /// When a connection ends by itself.
    public var age = ConnectionAgeConfiguration.defaults
    /// How the connections are protected; plaintext only on this machine unless told so.
    public var security = ServerSecurity.plaintext(beyondLoopback: false)
    /// Time between two looks at the files of certificates; what has changed is used by the next
    /// connection.
    public var certificateInterval = Duration.seconds(10)
    /// Longest time between the last byte sent and the peer's end of the connection.
    public var lingerTimeout: Duration

    /// 1,024 connections, drain for 10 s, default limits.
    public static func defaults(address: RPCAddress) -> RPCServerConfiguration {
        RPCServerConfiguration(
            address: address, limits: .defaults, connections: 1024, drainTimeout: .seconds(10),
            lingerTimeout: .seconds(1))
    }
}
