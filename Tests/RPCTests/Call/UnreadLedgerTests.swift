import Synchronization
import Testing

@testable import RPC

@Suite("Unread ledger")
struct UnreadLedgerTests {
    @Test("reading stops beyond the limit and resumes once when half has been read")
    func pauses() {
        let resumed = Mutex(0)
        let ledger = UnreadLedger(limit: 100) { resumed.withLock { $0 += 1 } }
        ledger.add(100)
        #expect(!ledger.pauseIfFull())
        ledger.add(1)
        #expect(ledger.pauseIfFull())
        ledger.remove(50)
        #expect(resumed.withLock { $0 } == 0)
        #expect(ledger.pauseIfFull())
        ledger.remove(1)
        ledger.remove(10)
        #expect(resumed.withLock { $0 } == 1)
        #expect(!ledger.pauseIfFull())
    }
}
