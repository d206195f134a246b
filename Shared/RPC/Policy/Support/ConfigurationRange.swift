/// The range of one setting, so that a value that cannot work is an error at the start.
struct ConfigurationRange {
    /// The setting's name as a user knows it: `retry.attempts`.
    let name: String

    init(_ name: String) { self.name = name }

    /// Throws INVALID_ARGUMENT, which says what is allowed, unless `value` lies in `range`.
    ///
    /// A number that is not one lies in no range.
    func check<Value: Comparable>(
        _ value: Value?, _ range: ClosedRange<Value>
    ) throws(RPCError) {
        guard let value, !range.contains(value) else { return }
        throw RPCError(
            code: .invalidArgument,
            message: "\(name) is \(value); it must lie in \(range.lowerBound)...\(range.upperBound)"
        )
    }
}

extension ClosedRange<Duration> {
    /// Times that a policy may be told to wait or to look back: up to a day.
    static var upToADay: Self { .zero...(.seconds(86_400)) }

    /// The same, where nothing would mean endless work.
    static var positiveUpToADay: Self { .milliseconds(1)...(.seconds(86_400)) }
}
