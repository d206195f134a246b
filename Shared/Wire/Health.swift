import CMessages

/// Asks whether a service is ready, by the semantics of grpc.health.v1.
public struct HealthCheckRequest: WireMessage {
    /// The service's full name; empty is the whole server.
    public var service: String

    /// Makes the message; every field has its proto default.
    public init(service: String = "") {
        self.service = service
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<HealthCheckRequest> { .protobuf }
}

extension HealthCheckRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__HealthCheckRequest>?) -> Void {
        llara__v1__health_check_request__init
    }

    init(_ c: Llara__V1__HealthCheckRequest) throws(WireError) {
        self.init(
            service: try Checked.name("service", c.service))
    }

    func fill(_ c: inout Llara__V1__HealthCheckRequest, _ arena: EncodingArena) {
        c.service = arena.string(service)
    }
}

/// Whether a service is ready.
public struct HealthCheckResponse: WireMessage {
    /// The present state.
    public var status: ServingStatus
    /// Version of the program.
    public var version: String
    /// Why it is not serving, or what is degraded; empty when all is well.
    public var reason: String

    /// Makes the message; every field has its proto default.
    public init(status: ServingStatus = .unknown, version: String = "", reason: String = "") {
        self.status = status
        self.version = version
        self.reason = reason
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<HealthCheckResponse> { .protobuf }
}

extension HealthCheckResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__HealthCheckResponse>?) -> Void {
        llara__v1__health_check_response__init
    }

    init(_ c: Llara__V1__HealthCheckResponse) throws(WireError) {
        self.init(
            status: try ServingStatus(field: "status", c.status),
            version: try Checked.name("version", c.version),
            reason: try Checked.title("reason", c.reason))
    }

    func fill(_ c: inout Llara__V1__HealthCheckResponse, _ arena: EncodingArena) {
        c.status = status.c
        c.version = arena.string(version)
        c.reason = arena.string(reason)
    }
}
