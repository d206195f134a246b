/// Which scope a method needs.
struct MethodScopes: Sendable {
    enum Requirement: Equatable, Sendable {
        /// Anyone may call it, without a token as well.
        case open
        case scope(AccessScope)
    }

    private var services: [String: Requirement] = [:]
    private var methods: [RPCMethod: Requirement] = [:]

    /// Every method needs `admin` until something else is said: what is forgotten stays shut.
    init() {}

    /// For all methods of a service, `llara.v1.Encoder`.
    mutating func set(service: String, _ requirement: Requirement) {
        services[service] = requirement
    }

    /// For one method, whatever its service says.
    mutating func set(method: RPCMethod, _ requirement: Requirement) {
        methods[method] = requirement
    }

    subscript(method: RPCMethod) -> Requirement {
        methods[method] ?? services[method.service] ?? .scope(.admin)
    }
}
