internal import CoreMetrics

/// The handles of a server's metrics.
struct ServerMetrics: Sendable {
    /// Those of one method.
    struct Method: Sendable {
        struct Ended: Sendable {
            let duration: Timer
            let sentBytes: Recorder
            let receivedBytes: Recorder
        }

        let started: Counter
        let ended: StatusHandles<Ended>

        init(_ label: String, _ factory: any MetricsFactory) {
            let method = (MetricLabel.method, label)
            started = Counter(
                label: MetricName.serverCallStarted, dimensions: [method], factory: factory)
            ended = StatusHandles { status in
                let labels = [method, (MetricLabel.status, status)]
                return Ended(
                    duration: Timer(
                        label: MetricName.serverCallDuration, dimensions: labels, factory: factory),
                    sentBytes: Recorder(
                        label: MetricName.serverSentBytes, dimensions: labels, factory: factory),
                    receivedBytes: Recorder(
                        label: MetricName.serverReceivedBytes, dimensions: labels, factory: factory
                    ))
            }
        }
    }

    let openStreams: Meter
    let openConnections: Meter
    private let methods: [RPCMethod: Method]
    private let other: Method

    /// Makes the handles of all `methods`, so that none is made while a call waits for it.
    init(_ factory: any MetricsFactory, methods: Set<RPCMethod>) {
        openStreams = Meter(label: MetricName.serverOpenStreams, factory: factory)
        openConnections = Meter(label: MetricName.serverOpenConnections, factory: factory)
        self.methods = Dictionary(
            uniqueKeysWithValues: methods.map { ($0, Method($0.description, factory)) })
        other = Method(MetricLabel.otherMethod, factory)
    }

    subscript(method: RPCMethod) -> Method { methods[method] ?? other }
}

extension Duration {
    /// For timers, which take whole nanoseconds; 292 years at most.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflows ? .max : whole + attoseconds / 1_000_000_000
    }
}
