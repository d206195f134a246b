internal import CoreMetrics
internal import Synchronization

/// The handles of a client's metrics.
final class ClientMetrics: Sendable {
    /// Most methods that have handles of their own; the others share those of "other".
    ///
    /// A client does not know what its servers serve, and who passes names on could be made to
    /// invent them.
    static let maximumMethods = 256

    /// Those of one method.
    struct Method: Sendable {
        struct AttemptEnded: Sendable {
            let duration: Timer
            let sentBytes: Recorder
            let receivedBytes: Recorder
        }

        let attemptStarted: Counter
        let attemptEnded: StatusHandles<AttemptEnded>
        let callDuration: StatusHandles<Timer>
        let retries: Recorder
        let transparentRetries: Recorder
        let hedges: Recorder

        init(_ label: String, _ target: (String, String), _ factory: any MetricsFactory) {
            let labels = [(MetricLabel.method, label), target]
            attemptStarted = Counter(
                label: MetricName.attemptStarted, dimensions: labels, factory: factory)
            attemptEnded = StatusHandles { status in
                let labels = labels + [(MetricLabel.status, status)]
                return AttemptEnded(
                    duration: Timer(
                        label: MetricName.attemptDuration, dimensions: labels, factory: factory),
                    sentBytes: Recorder(
                        label: MetricName.attemptSentBytes, dimensions: labels, factory: factory),
                    receivedBytes: Recorder(
                        label: MetricName.attemptReceivedBytes, dimensions: labels,
                        factory: factory))
            }
            callDuration = StatusHandles { status in
                Timer(
                    label: MetricName.callDuration,
                    dimensions: labels + [(MetricLabel.status, status)], factory: factory)
            }
            retries = Recorder(label: MetricName.callRetries, dimensions: labels, factory: factory)
            transparentRetries = Recorder(
                label: MetricName.callTransparentRetries, dimensions: labels, factory: factory)
            hedges = Recorder(label: MetricName.callHedges, dimensions: labels, factory: factory)
        }
    }

    let openStreams: Meter
    private let openConnections: Meter
    private let ejections: Counter
    private let ejectedReplicas: Meter
    private let breakersOpened: Counter
    private let breakersHalfOpened: Counter
    private let breakersClosed: Counter
    private let openBreakers: Meter

    private let factory: any MetricsFactory
    private let target: (String, String)
    private let methods = Mutex<[RPCMethod: Method]>([:])
    private let other: Method

    init(_ factory: any MetricsFactory, target: String) {
        let target = (MetricLabel.target, target)
        self.factory = factory
        self.target = target
        other = Method(MetricLabel.otherMethod, target, factory)
        openStreams = Meter(
            label: MetricName.clientOpenStreams, dimensions: [target], factory: factory)
        openConnections = Meter(
            label: MetricName.clientOpenConnections, dimensions: [target], factory: factory)
        ejections = Counter(label: MetricName.ejections, dimensions: [target], factory: factory)
        ejectedReplicas = Meter(
            label: MetricName.ejectedReplicas, dimensions: [target], factory: factory)
        openBreakers = Meter(
            label: MetricName.openBreakers, dimensions: [target], factory: factory)
        func breakers(_ state: String) -> Counter {
            Counter(
                label: MetricName.breakerTransitions,
                dimensions: [target, (MetricLabel.breakerState, state)], factory: factory)
        }
        breakersOpened = breakers("open")
        breakersHalfOpened = breakers("half_open")
        breakersClosed = breakers("closed")
    }

    subscript(method: RPCMethod) -> Method {
        methods.withLock { methods in
            if let known = methods[method] { return known }
            guard methods.count < Self.maximumMethods else { return other }
            let made = Method(method.description, target, factory)
            methods[method] = made
            return made
        }
    }

    func connectionOpened() { openConnections.increment() }

    func connectionClosed() { openConnections.decrement() }

    /// Replicas have been ejected or restored; `now` are ejected after that.
    func ejected(_ count: Int, now: Int) {
        if count > 0 { ejections.increment(by: count) }
        ejectedReplicas.set(now)
    }

    /// A breaker has changed its state; `now` are not closed after that.
    func breakerChanged(_ transition: CircuitBreaker.Transition, now: Int) {
        switch transition {
        case .opened: breakersOpened.increment()
        case .halfOpened: breakersHalfOpened.increment()
        case .closed: breakersClosed.increment()
        }
        openBreakers.set(now)
    }

    /// Breakers have come or gone with their replicas.
    func breakersReplaced(now: Int) { openBreakers.set(now) }
}

extension RPCResolver {
    /// Most addresses of a fixed list that its target names.
    static let namedAddresses = 4

    /// What a client calls, as a label: as the user wrote it, and the same as long as the client
    /// lives.
    var target: String {
        switch self {
        case .fixed(let addresses):
            let named = addresses.prefix(Self.namedAddresses).map(\.description)
            return (named + (addresses.count > named.count ? ["…"] : [])).joined(separator: ",")
        case .file(let path, _): return "file:\(path)"
        case .dns(let address, _): return "dns:///\(address)"
        }
    }
}
