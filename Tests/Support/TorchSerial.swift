internal import Foundation

/// The seed and the generator belong to the process, so tests that draw take turns.
public enum TorchSerial {
    // A lock that is never held across a suspension: the bodies are synchronous.
    private static let turn = NSRecursiveLock()

    /// Runs `body` while no other test draws.
    public static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        turn.lock()
        defer { turn.unlock() }
        return try body()
    }
}
