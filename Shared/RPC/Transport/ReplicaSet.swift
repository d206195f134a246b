/// Which replicas are connected, and which one the next call takes.
///
/// Pure: connections are numbers, and whether one has room is asked through a closure.
struct ReplicaSet {
    /// Where a call goes.
    enum Pick: Equatable {
        case use(connection: Int)
        /// Some replica may be connected soon.
        case wait
        case fail(RPCStatus)
    }

    private enum State: Equatable {
        /// About to connect, or connecting.
        case connecting
        case ready(connection: Int)
        /// Pausing after a failure.
        case failed(reason: String)
    }

    private let addresses: [RPCAddress]
    private var states: [State]
    private var next = 0
    private var isShutDown = false

    init(_ addresses: [RPCAddress]) {
        self.addresses = addresses
        states = addresses.map { _ in .connecting }
    }

    /// Round-robin over the connected replicas; one without room is passed over.
    mutating func pick(hasRoom: (_ connection: Int) -> Bool) -> Pick {
        guard !isShutDown else {
            return .fail(RPCStatus(code: .unavailable, message: "this client has been shut down"))
        }
        var isAnyReady = false
        for step in states.indices {
            let index = (next + step) % states.count
            guard case .ready(let connection) = states[index] else { continue }
            isAnyReady = true
            guard hasRoom(connection) else { continue }
            next = (index + 1) % states.count
            return .use(connection: connection)
        }
        if isAnyReady {
            return .fail(
                RPCStatus(
                    code: .resourceExhausted,
                    message: "every connection has its most calls in flight (concurrentStreams); "
                        + "try later"))
        }
        return states.contains(.connecting) ? .wait : .fail(unavailable)
    }

    /// Why no replica can be used, with each address.
    var unavailable: RPCStatus {
        guard !states.isEmpty else {
            return RPCStatus(code: .unavailable, message: "this client has no replica's address")
        }
        let reasons = zip(addresses, states).map { address, state in
            switch state {
            case .connecting: "\(address): not connected yet"
            case .ready: "\(address): connected"
            case .failed(let reason): "\(address): \(reason)"
            }
        }
        return RPCStatus(
            code: .unavailable,
            message: "no replica is connected: " + reasons.joined(separator: "; "))
    }

    mutating func connecting(_ replica: Int) { states[replica] = .connecting }

    mutating func ready(_ replica: Int, connection: Int) {
        states[replica] = .ready(connection: connection)
    }

    /// A connection takes no more calls; what a later one has become stays as it is.
    mutating func lost(_ replica: Int, connection: Int) {
        if states[replica] == .ready(connection: connection) { states[replica] = .connecting }
    }

    mutating func failed(_ replica: Int, reason: String) {
        states[replica] = .failed(reason: reason)
    }

    mutating func shutDown() { isShutDown = true }
}
