internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Ends a TLS connection whose peer has not agreed to speak this protocol.
final class ProtocolCheck: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(let name)? = event as? TLSUserEvent,
            name != TLSContextSource.applicationProtocol
        {
            context.fireErrorCaught(
                RPCError(
                    code: .unavailable,
                    message: "the peer does not speak \(TLSContextSource.applicationProtocol) over "
                        + "TLS; is it another service?"))
            return
        }
        context.fireUserInboundEventTriggered(event)
    }
}

extension ChannelPipeline.SynchronousOperations {
    /// Puts TLS between the socket and a server's handler.
    func addServerTLS(_ context: NIOSSLContext) throws {
        try addHandler(NIOSSLServerHandler(context: context))
        try addHandler(ProtocolCheck())
    }

    /// Puts TLS between the socket and a client's handler, which expects the peer to be `name`, a
    /// host name or an address.
    func addClientTLS(_ context: NIOSSLContext, name: String) throws {
        // An address stands in no server name indication; the certificate is held against the
        // socket's own.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        try addHandler(
            NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name))
        try addHandler(ProtocolCheck())
    }
}

/// What a failed handshake is called in logs and statuses.
func describeTLSFailure(_ error: any Error) -> String? {
    switch error {
    case let error as NIOSSLExtraError: "TLS: \(error)"
    case NIOSSLError.handshakeFailed(let reason): "the TLS handshake failed: \(reason)"
    case let error as NIOSSLError: "TLS: \(error)"
    case let error as BoringSSLError: "TLS: \(error)"
    default: nil
    }
}
