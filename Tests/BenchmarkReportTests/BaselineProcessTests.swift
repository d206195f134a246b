import BenchmarkReport
import Testing

@Suite("Baseline process")
struct BaselineProcessTests {
    private func process(_ script: String) throws -> BaselineProcess {
        try BaselineProcess(executable: "/bin/sh", arguments: ["-c", script])
    }

    @Test("it names its versions and answers each request")
    func answers() throws {
        let process = try process(
            """
            echo '{"versions": {"thing": "1.2"}}'
            while read -r line; do echo '{"value": 4.5}'; done
            """)
        #expect(process.versions == ["thing": "1.2"])
        #expect(try process.measure(["count": 1]) == 4.5)
        #expect(try process.measure([:]) == 4.5)
    }

    @Test(
        "an error, an answer without value and one that is no JSON say so",
        arguments: [
            (#"{"error": "no table"}"#, "sh: no table"), ("{}", "sh answered without a value"),
            ("nonsense", "sh wrote no JSON: nonsense"),
        ])
    func failures(line: String, message: String) throws {
        let process = try process("echo '{}'; read -r line; echo '\(line)'; read -r line")
        let error = #expect(throws: BaselineProcess.Failure.self) { try process.measure([:]) }
        #expect(error?.description == message)
    }

    @Test("one that ends before it answers says so")
    func ends() {
        let error = #expect(throws: BaselineProcess.Failure.self) { try process("exit 0") }
        #expect(error?.description == "sh ended before it answered; see what it wrote")
    }
}
