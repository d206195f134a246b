import ArgumentParser
import ServiceKit

@main
struct Gateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "llara-gateway",
        abstract: "Composes encoder, projector, ranker and catalog into one ranked answer.",
        discussion: """
            Every option is also an environment variable: --database is LLARA_GATEWAY_DATABASE.

              llara-gateway --database postgresql:///llara --release releases/movielens-100k \\
                --encoder 10.0.0.1:7401,10.0.0.2:7401 --ranker 10.0.0.3:7403
            """,
        version: BuildInformation.version)

    @OptionGroup var service: ServiceArguments
    @Option(help: "PostgreSQL, as a libpq URL.") var database: String?
    @Option(help: "Connections to PostgreSQL.") var databaseConnections: String?
    @Option(help: "Schema that holds the tables.") var databaseSchema: String?
    @Option(
        help: """
            Folders of the releases, FOLDER[,FOLDER…], or the option repeated; the first is the \
            default.
            """)
    var release: [String] = []
    @Option(help: "MiB for behavioural tokens projected before.") var tokenCacheMebibytes: String?
    @Option(help: "Encoder replicas, HOST:PORT[,HOST:PORT…].") var encoder: String?
    @Option(help: "Projector replicas.") var projector: String?
    @Option(help: "Ranker replicas.") var ranker: String?
    @Option(
        help: """
            adaptive: recommendations that cannot be made in their time are refused at once; or none.
            """)
    var admission: String?
    @Option(
        help: """
            Authorities of the replicas' certificates, a PEM file or 'system'; with it, TLS 1.3 only.
            """)
    var backendTlsAuthorities: String?
    @Option(help: "PEM file with the certificate that is shown to replicas which ask for one.")
    var backendTlsCertificate: String?
    @Option(help: "PEM file with that certificate's key.") var backendTlsKey: String?
    @Option(help: "Name in the replicas' certificates (default: the host that is called).")
    var backendTlsName: String?
    @Option(help: "File with the bearer token that replicas are sent.")
    var backendTokenFile: String?

    func run() async throws {
        try await ServiceProcess.run(
            service: "gateway", arguments: service,
            options: [
                "database": database, "database-connections": databaseConnections,
                "database-schema": databaseSchema,
                "release": release.asSetting, "token-cache-mebibytes": tokenCacheMebibytes,
                "encoder": encoder, "projector": projector, "ranker": ranker,
                "admission": admission,
                "backend-tls-authorities": backendTlsAuthorities,
                "backend-tls-certificate": backendTlsCertificate,
                "backend-tls-key": backendTlsKey, "backend-tls-name": backendTlsName,
                "backend-token-file": backendTokenFile,
            ], defaults: GatewayConfiguration.defaults
        ) { settings, logger in
            try GatewayApp(configuration: GatewayConfiguration(settings), logger: logger).parts
        }
    }
}
