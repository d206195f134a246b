import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2

/// The baseline of `benchmark rpc`: grpc-swift-2 over its NIO transport, a service that answers
/// bytes with the same bytes.
///
/// Prints one line of JSON with its version and port, and ends with its standard input.
@main
struct GRPCEcho {
    static func main() async throws {
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext),
            services: [EchoService()])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            let address = try await server.listeningAddress
            let port = address?.ipv4?.port ?? 0
            let hello = "{\"versions\": {\"grpc-swift-2\": \"2.4.3\", \"port\": \"\(port)\"}}\n"
            FileHandle.standardOutput.write(Data(hello.utf8))
            let thread = Thread {
                while readLine() != nil {}
                server.beginGracefulShutdown()
            }
            thread.start()
            try await group.waitForAll()
        }
    }
}

private struct EchoService: RegistrableRPCService {
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: MethodDescriptor(
                fullyQualifiedService: "llara.benchmark.v1.Echo", method: "Echo"),
            deserializer: Identity(), serializer: Identity()
        ) { request, _ in
            StreamingServerResponse { writer in
                for try await message in request.messages { try await writer.write(message) }
                return [:]
            }
        }
    }
}

private struct Identity: MessageSerializer, MessageDeserializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
        Bytes(message)
    }

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}
