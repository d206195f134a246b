import Testing

@testable import RPC

@Suite("Ranges of policy settings")
struct ConfigurationRangeTests {
    private func message(_ validate: () throws -> Void) -> String? {
        let error = #expect(throws: RPCError.self) { try validate() }
        #expect(error?.code == .invalidArgument)
        return error?.message
    }

    @Test("the defaults are in range")
    func defaults() throws {
        try RetryConfiguration.defaults.validate()
        try RetryBudgetConfiguration.defaults.validate()
        try HedgingConfiguration(delay: .milliseconds(10)).validate()
        try OutlierEjectionConfiguration.defaults.validate()
        try CircuitBreakerConfiguration.defaults.validate()
        try AdmissionConfiguration.defaults.validate()
        try KeepaliveConfiguration.defaults.validate()
        try ConnectionAgeConfiguration.defaults.validate()
    }

    @Test("a criterion that is off has no range")
    func off() throws {
        var ejection = OutlierEjectionConfiguration.defaults
        ejection.successRate = nil
        ejection.failurePercentage = nil
        ejection.latency = nil
        ejection.consecutiveFailures = nil
        try ejection.validate()
        var keepalive = KeepaliveConfiguration.defaults
        keepalive.interval = nil
        try keepalive.validate()
    }

    @Test("the error names the setting, its value and its range")
    func text() {
        var retry = RetryConfiguration.defaults
        retry.attempts = 6
        #expect(
            message { try retry.validate() } == "retry.attempts is 6; it must lie in 1...5")
    }

    @Test("the ends of a range are in it, and what lies beyond is not", arguments: [0, 1, 5, 6])
    func ends(attempts: Int) {
        var retry = RetryConfiguration.defaults
        retry.attempts = attempts
        var hedging = HedgingConfiguration(delay: .zero)
        hedging.attempts = attempts
        let isAllowed = (1...5).contains(attempts)
        #expect(((try? retry.validate()) != nil) == isAllowed)
        #expect(((try? hedging.validate()) != nil) == isAllowed)
    }

    @Test("a multiplier that is no number is refused")
    func notANumber() {
        var retry = RetryConfiguration.defaults
        retry.backoffMultiplier = .nan
        #expect(message { try retry.validate() }?.contains("retry.backoffMultiplier") == true)
    }

    @Test("times that would mean endless work are refused")
    func zeroTimes() {
        var breaker = CircuitBreakerConfiguration.defaults
        breaker.window = .zero
        #expect(message { try breaker.validate() }?.contains("breaker.window") == true)
        var ejection = OutlierEjectionConfiguration.defaults
        ejection.interval = .zero
        #expect(message { try ejection.validate() }?.contains("ejection.interval") == true)
        var keepalive = KeepaliveConfiguration.defaults
        keepalive.interval = .milliseconds(-1)
        #expect(message { try keepalive.validate() }?.contains("keepalive.interval") == true)
        var age = ConnectionAgeConfiguration.defaults
        age.maximumAge = .zero
        #expect(message { try age.validate() }?.contains("connectionAge.maximumAge") == true)
        var budget = RetryBudgetConfiguration.defaults
        budget.timeToLive = .milliseconds(999)
        #expect(message { try budget.validate() }?.contains("retryBudget.timeToLive") == true)
    }

    @Test("the bounds of an adaptive limit must be in order")
    func order() throws {
        var adaptive = AdaptiveConcurrency.defaults
        adaptive.initial = adaptive.maximum + 1
        var admission = AdmissionConfiguration.defaults
        admission.concurrency = .adaptive(adaptive)
        #expect(message { try admission.validate() }?.contains("concurrency.initial") == true)
        adaptive.maximum = adaptive.minimum - 1
        #expect(message { try adaptive.validate() }?.contains("concurrency.maximum") == true)
        admission.concurrency = .fixed(0)
        #expect(message { try admission.validate() }?.contains("admission.concurrency") == true)
    }
}
