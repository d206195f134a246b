import Testing

@testable import RPC

@Suite("Handles of a status")
struct StatusHandlesTests {
    @Test("are made when it first occurs, once")
    func once() {
        let made = Counter()
        let handles = StatusHandles { status in
            made.add()
            return status
        }
        #expect(handles[.ok] == "OK" && handles[.notFound] == "NOT_FOUND")
        #expect(handles[.ok] == "OK" && made.value == 2)
    }
}
