import Testing

@testable import RPC

@Suite("One-shot value", .timeLimit(.minutes(1)))
struct OneShotTests {
    @Test("everyone who waits, and who comes later, gets the first value")
    func firstValue() async throws {
        let value = OneShot<Int>()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 { group.addTask { try await value.value() } }
            #expect(value.fulfil(.success(1)))
            #expect(!value.fulfil(.success(2)))
            for try await number in group { #expect(number == 1) }
        }
        #expect(try await value.value() == 1)
    }

    @Test("a cancelled task waits no longer, before or after it began")
    func cancellation() async throws {
        let value = OneShot<Int>()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask { (try? await value.value()) == nil }
            }
            group.cancelAll()
            group.addTask { (try? await value.value()) == nil }
            for await wasCancelled in group { #expect(wasCancelled) }
        }
    }

    @Test("a callback comes once, at once if the value is there")
    func callbacks() {
        let value = OneShot<Int>()
        let called = OneShot<Void>()
        value.whenDone { called.fulfil(.success(())) }
        #expect(called.current == nil)
        value.fulfil(.success(1))
        #expect(called.current != nil)
        let late = OneShot<Void>()
        value.whenDone { late.fulfil(.success(())) }
        #expect(late.current != nil)
    }
}
