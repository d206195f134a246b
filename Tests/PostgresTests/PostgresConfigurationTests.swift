import Postgres
import Testing

@Suite("settings and errors keep secrets")
struct PostgresConfigurationTests {
    @Test("a bad URL is refused without quoting its password")
    func badURL() {
        let configuration = PostgresConfiguration(url: "postgresql://u:hunter2@h:port:1/%zz")
        let error = #expect(throws: PostgresError.self) { try configuration.validate() }
        #expect(error?.kind == .invalid)
        #expect(error.map { "\($0)".contains("hunter2") } == false)
        #expect("\(configuration)".contains("hunter2") == false)
    }

    @Test("every limit is checked at its edge")
    func limits() throws {
        let url = "postgresql:///postgres"
        try PostgresConfiguration(url: url).validate()
        let wrong: [(inout PostgresConfiguration) -> Void] = [
            { $0.maximumConnections = 0 }, { $0.maximumConnections = 257 },
            { $0.minimumConnections = 9 }, { $0.minimumConnections = -1 },
            { $0.maximumWaiters = -1 }, { $0.acquireTimeout = .zero },
            { $0.connectTimeout = .zero }, { $0.defaultTimeout = .zero },
            { $0.cancelGrace = .zero },
            { $0.maximumPreparedStatements = -1 }, { $0.maximumQueuedStatements = 0 },
            { $0.backoff.first = .zero }, { $0.directURL = "postgresql://[" },
        ]
        for change in wrong {
            var configuration = PostgresConfiguration(url: url)
            change(&configuration)
            #expect(throws: PostgresError.self) { try configuration.validate() }
        }
        var largest = PostgresConfiguration(url: url, directURL: url)
        largest.maximumConnections = 256
        largest.minimumConnections = 256
        largest.maximumWaiters = 0
        largest.maximumPreparedStatements = 0
        try largest.validate()
    }

    @Test("an error's description has code and message; only the debug description has the rest")
    func descriptions() {
        let error = PostgresError(
            .conflict, "taken", sqlState: "23505", details: "Key (id)=(42)",
            cause: PostgresError(.internalError, "beneath"))
        #expect("\(error)" == "conflict (SQLSTATE 23505): taken")
        #expect(error.debugDescription.contains("(42)"))
        #expect(error.debugDescription.contains("beneath"))
    }
}
