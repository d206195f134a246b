import CLibPQ
import Glibc

extension Session {
    /// Starts `COPY … FROM STDIN`.
    func beginCopy(_ sql: String, control: CallControl) throws(PostgresError) {
        if let reason = control.interruption(now: .now) { throw reason }
        guard PQsendQuery(handle, sql) == 1 else {
            throw connectionError("the statement could not be sent")
        }
        let result = try collect(control)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COPY_IN else {
            throw PostgresError(.internalError, "the statement is no COPY FROM STDIN")
        }
        isCopying = true
    }

    /// Sends one chunk, waiting for the socket to take it.
    func putCopy(_ chunk: [UInt8], control: CallControl) throws(PostgresError) {
        var isQueued = false
        while true {
            if let reason = control.interruption(now: .now) {
                abandonCopy()
                throw reason
            }
            if !isQueued {
                let outcome = chunk.withUnsafeBytes { buffer in
                    PQputCopyData(
                        handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                        CInt(buffer.count))
                }
                // The server ended the COPY with an error, which is the next result.
                if outcome < 0 { throw copyFailure(control) }
                isQueued = outcome == 1
            }
            let unsent = PQflush(handle)
            guard unsent >= 0 else { throw connectionError("the database connection was lost") }
            if isQueued, unsent == 0 { return }
            let outcome = wake.wait(
                socket: socket, events: Int16(POLLIN | POLLOUT), until: control.deadline)
            if outcome.socketIsReady, PQconsumeInput(handle) == 0 {
                throw connectionError("the database connection was lost")
            }
        }
    }

    /// Ends the COPY and returns the rows that it took.
    func endCopy(control: CallControl) throws(PostgresError) -> Int {
        while true {
            let outcome = PQputCopyEnd(handle, nil)
            if outcome == 1 { break }
            if outcome < 0 { throw copyFailure(control) }
            if let reason = control.interruption(now: .now) {
                abandonCopy()
                throw reason
            }
            _ = wake.wait(socket: socket, events: Int16(POLLOUT), until: control.deadline)
            _ = PQflush(handle)
        }
        isCopying = false
        return PostgresRows(owning: try collect(control)).affectedCount
    }

    /// Gives the COPY up.
    ///
    /// Its connection goes too: a server that waits for data does not take a cancel request, and
    /// what was sent may still be on its way.
    func abandonCopy() { isBroken = true }

    private func copyFailure(_ control: CallControl) -> PostgresError {
        isCopying = false
        do throws(PostgresError) {
            PQclear(try collect(control))
            return connectionError("the COPY ended early")
        } catch {
            return error
        }
    }
}
