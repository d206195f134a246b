internal import Dispatch
public import Logging
internal import Synchronization

/// Records a share of a server's calls in a file, from which ``CallReplay`` makes them again.
///
/// A call is never held up: its requests are kept in memory that has a limit, and written by a
/// thread of the recorder's own when it has ended. The file can be read whenever the process ends,
/// however it ends; see ``CallRecordFormat``. It holds what callers send: guard it as you guard
/// what they send.
public final class CallRecorder: Sendable {
    /// What became of the calls that were chosen.
    public struct Counts: Sendable, Equatable {
        /// They are in the file.
        public var written = 0
        /// ``CallRecorderConfiguration/heldBytes`` were in use.
        public var dropped = 0
        /// They had more than ``CallRecorderConfiguration/callBytes``.
        public var tooLarge = 0
        /// The file was full or could not be written.
        public var unwritten = 0
    }

    enum Outcome {
        case written, dropped, tooLarge, unwritten
    }

    private struct Choice {
        var sampler: CallSampler
        var generator: any RandomNumberGenerator & Sendable
    }

    /// Used on the writing thread only.
    private struct Output {
        var file: RecordFile
        var number = 0
        /// Full, broken or closed.
        var isDone = false
    }

    /// What a call counts for beside its requests and metadata, so that empty ones have a limit, too.
    static let callBaseBytes = 512

    let configuration: CallRecorderConfiguration
    private let logger: Logger
    private let began: ContinuousClock.Instant
    private let choice: Mutex<Choice>
    private let backlog: Mutex<RecordBacklog>
    private let output: Mutex<Output>
    private let writer = DispatchQueue(label: "llara.rpc.recorder", qos: .utility)

    /// Makes the file and records from now on, in the servers that are told so by ``RPCInsight``.
    ///
    /// - Throws: ``RPCError``: INVALID_ARGUMENT naming the setting that is out of range,
    ///   FAILED_PRECONDITION if the file exists, UNAVAILABLE if it cannot be written.
    public convenience init(_ configuration: CallRecorderConfiguration, logger: Logger) throws {
        try self.init(configuration, logger: logger, generator: SystemRandomNumberGenerator())
    }

    init(
        _ configuration: CallRecorderConfiguration, logger: Logger,
        generator: any RandomNumberGenerator & Sendable, now: ContinuousClock.Instant = .now
    ) throws(RPCError) {
        try configuration.validate()
        self.configuration = configuration
        self.logger = logger
        began = now
        choice = Mutex(
            Choice(
                sampler: CallSampler(
                    share: configuration.share, callsPerSecond: configuration.callsPerSecond,
                    now: now), generator: generator))
        backlog = Mutex(RecordBacklog(limit: configuration.heldBytes))
        var file = try RecordFile(path: configuration.path, limit: configuration.fileBytes)
        do throws(RecordFile.Failure) {
            try file.write(CallRecordFormat.beginning)
        } catch {
            file.close()
            throw RPCError(
                code: .unavailable,
                message: "\(configuration.path) cannot be written; is the disk full?")
        }
        output = Mutex(Output(file: file))
    }

    deinit { output.withLock { if !$0.isDone { $0.file.close() } } }

    /// What became of the calls so far.
    public var counts: Counts { backlog.withLock { $0.counts } }

    /// Writes what has ended and closes the file; calls that end later are not written.
    public func close() async {
        await withCheckedContinuation { continuation in
            writer.async { [self] in
                output.withLock { finish(&$0) }
                continuation.resume()
            }
        }
    }

    // MARK: What calls do

    /// A call has come: its recording, if it is one of those that are chosen.
    func begin(_ context: CallContext, now: ContinuousClock.Instant = .now) -> CallRecording? {
        let isChosen = choice.withLock { choice in
            choice.sampler.takes(now: now, using: &choice.generator)
        }
        guard isChosen else { return nil }
        let kept = configuration.kept(context.metadata)
        let baseBytes = Self.callBaseBytes + kept.byteCount
        guard takeMemory(baseBytes) else {
            done(0, .dropped)
            return nil
        }
        let begun = RecordedCall(
            method: context.method, metadata: kept,
            remaining: context.remaining(now: now), arrival: began.duration(to: now), requests: [],
            hasAllRequests: false)
        return CallRecording(begun, holding: baseBytes, recorder: self)
    }

    /// Takes memory for a request; false if there is not enough.
    func takeMemory(_ bytes: Int) -> Bool { backlog.withLock { $0.take(bytes) } }

    /// A call will not be written.
    func done(_ bytes: Int, _ outcome: Outcome) {
        backlog.withLock { $0.done(bytes, outcome) }
    }

    /// Writes a call, later and elsewhere.
    func write(_ call: RecordedCall, holding bytes: Int) {
        writer.async { [self] in
            let isWritten = output.withLock { write(call, to: &$0) }
            done(bytes, isWritten ? .written : .unwritten)
        }
    }

    // MARK: What the writing thread does

    private func write(_ call: RecordedCall, to output: inout Output) -> Bool {
        guard !output.isDone else { return false }
        do throws(RecordFile.Failure) {
            try output.file.write(CallRecordFormat.encoded(call, number: output.number))
            output.number += 1
            return true
        } catch {
            let reason =
                switch error {
                case .full: "the file has its largest size (recorder.fileBytes)"
                case .system(let number): RecordFile.text(number)
                }
            logger.warning(
                "recording calls has ended",
                metadata: ["path": "\(configuration.path)", "reason": "\(reason)"])
            finish(&output)
            return false
        }
    }

    private func finish(_ output: inout Output) {
        guard !output.isDone else { return }
        output.isDone = true
        output.file.close()
    }
}
