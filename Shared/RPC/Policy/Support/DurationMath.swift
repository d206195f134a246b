extension Duration {
    /// The duration as a number, for ratios and averages.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// A share of this duration, uniform between 0 and the whole.
    func randomShare(using generator: inout some RandomNumberGenerator) -> Duration {
        self * Double.random(in: 0...1, using: &generator)
    }
}
