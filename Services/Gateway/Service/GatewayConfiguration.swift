import RPC
import ServiceKit

/// Settings of the gateway, checked.
struct GatewayConfiguration: Sendable {
    /// Values of keys that nobody sets.
    static let defaults = [
        "listen": "127.0.0.1:7400",
        "encoder": "127.0.0.1:7401",
        "projector": "127.0.0.1:7402",
        "ranker": "127.0.0.1:7403",
        "database-connections": "4",
        "database-schema": "llara",
        "token-cache-mebibytes": "256",
        "admission": "adaptive",
    ]

    private static let tokenKey = "backend-token-file"

    /// Greatest setting of the cache of behavioural tokens.
    static let maximumTokenCacheMebibytes = 65_536

    /// PostgreSQL, as a libpq URL.
    let database: String
    /// Connections of the pool, each with a thread of its own.
    let databaseConnections: Int
    /// Schema that holds the tables.
    let databaseSchema: String
    /// Folders of the releases that answer, the default one first.
    let releaseDirectories: [String]
    /// Memory for behavioural tokens that were projected before; 0 keeps none.
    let tokenCacheBytes: Int
    /// Replicas of the encoder.
    let encoders: [RPCAddress]
    /// Replicas of the projector.
    let projectors: [RPCAddress]
    /// Replicas of the ranker.
    let rankers: [RPCAddress]

    /// How the connections to them are protected.
    let backendSecurity: ClientSecurity
    /// The token that they are sent; nil for none.
    let backendToken: String?
    /// Whether recommendations that cannot be made in their time are refused at once.
    let isAdmissionAdaptive: Bool

    /// Reads and checks.
    init(_ settings: ServiceSettings) throws(SettingError) {
        database = try settings.string("database", hint: "--database postgresql://…")
        databaseConnections = try settings.integer("database-connections", in: 1...64)
        databaseSchema = try settings.string("database-schema", hint: "--database-schema NAME")
        releaseDirectories = try settings.releaseDirectories()
        tokenCacheBytes =
            try settings.integer("token-cache-mebibytes", in: 0...Self.maximumTokenCacheMebibytes)
            << 20
        encoders = try settings.addresses("encoder")
        projectors = try settings.addresses("projector")
        rankers = try settings.addresses("ranker")
        backendSecurity = try settings.backendSecurity()
        backendToken = try settings.optionalString(Self.tokenKey).map { path throws(SettingError) in
            try TokenFiles.token(file: path, key: Self.tokenKey)
        }
        switch try settings.string("admission", hint: "adaptive or none") {
        case "adaptive": isAdmissionAdaptive = true
        case "none": isAdmissionAdaptive = false
        case let other:
            throw SettingError(
                key: "admission", message: "'\(other)' is neither adaptive nor none")
        }
    }
}
