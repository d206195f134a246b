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
    ]

    /// PostgreSQL, as a libpq URL.
    let database: String
    /// Connections of the pool, each with a thread of its own.
    let databaseConnections: Int
    /// Schema that holds the tables.
    let databaseSchema: String
    /// Folder of the release that answers.
    let releaseDirectory: String
    /// Replicas of the encoder.
    let encoders: [RPCAddress]
    /// Replicas of the projector.
    let projectors: [RPCAddress]
    /// Replicas of the ranker.
    let rankers: [RPCAddress]

    /// Reads and checks.
    init(_ settings: ServiceSettings) throws(SettingError) {
        database = try settings.string("database", hint: "--database postgresql://…")
        databaseConnections = try settings.integer("database-connections", in: 1...64)
        databaseSchema = try settings.string("database-schema", hint: "--database-schema NAME")
        releaseDirectory = try settings.string("release", hint: "--release FOLDER")
        encoders = try settings.addresses("encoder")
        projectors = try settings.addresses("projector")
        rankers = try settings.addresses("ranker")
    }
}
