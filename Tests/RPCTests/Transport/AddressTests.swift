import Testing

@testable import RPC

@Suite("Addresses")
struct AddressTests {
    @Test(
        "addresses are read and written",
        arguments: ["localhost:0", "127.0.0.1:65535", "[::1]:80", "ranker-0.local:7003"])
    func good(text: String) throws {
        #expect("\(try RPCAddress(parsing: text))" == text)
    }

    @Test(
        "what is no address says what one is",
        arguments: [
            "", "host", ":80", "host:", "host:65536", "host:-1", "host:+1", "::1:80", "[]:80",
            "[::1]", "a b:80", "host:8o",
        ])
    func bad(text: String) throws {
        #expect(throws: RPCError.self) { try RPCAddress(parsing: text) }
    }
}
