import ArgumentParser
import Glibc
import Storage
import Wire

/// The run of one import from a file: progress, rejected rows, summary, exit status.
struct FileImport {
    private let options: ImportFileOptions
    private let label: String

    init(_ options: ImportFileOptions, label: String) {
        self.options = options
        self.label = label
    }

    /// Imports, prints the summary, and ends with 65 when rows were rejected.
    func run(
        _ body: (CatalogStore, ImportFile) async throws -> ImportResult
    ) async throws {
        try await reporting {
            let file = try ImportFile(
                path: options.file, rejects: options.rejects, label: label)
            let result = try await options.database.withStore { store in
                try await store.migrate(deadline: nil)
                return try await body(store, file)
            }
            let time = file.finish()
            let summary = ImportRendering(
                tables: [
                    .init(
                        name: label, rows: result.rowCount, changed: result.changedCount,
                        rejected: result.rejectedCount, time: time)
                ], version: result.version, isDryRun: options.dryRun)
            Console.answer(
                options.database.json
                    ? summary.json.text() : summary.text(in: Console.terminal))
            guard result.rejectedCount > 0 else { return }
            Console.notice(file.rejectionText(result.rejectedCount))
            throw ExitCode(CommandError.Status.badData.rawValue)
        }
    }
}

/// The file that is read, the file of rejected rows, and the bar between them.
final class ImportFile {
    private static let chunkBytes = 256 << 10
    /// Rejected rows shown where no file takes them.
    private static let shownRejections = 5

    private let name: String
    private let descriptor: Int32
    private let rejects: (path: String, descriptor: Int32)?
    private let bar: ProgressDisplay
    private var shown: [String] = []

    /// Opens both files.
    ///
    /// - Throws: ``CommandError`` naming the file that cannot be opened.
    init(path: String, rejects: String?, label: String) throws {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unusable(path, "read") }
        self.rejects = try rejects.map { path in
            let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard file >= 0 else { throw Self.unusable(path, "written") }
            return (path, file)
        }
        var status = stat()
        let isSized = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        bar = ProgressDisplay(label, total: isSized ? Int(status.st_size) : nil)
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
        if let rejects { close(rejects.descriptor) }
    }

    /// The next bytes, nil at the end.
    func nextChunk() throws -> [UInt8]? {
        var count = -1
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, filled in
            repeat {
                count = read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        guard count >= 0 else { throw Self.unusable(name, "read") }
        return count == 0 ? nil : bytes
    }

    /// Moves the bar.
    func show(_ progress: ImportProgress) {
        bar.update(progress.byteCount, rows: progress.rowCount)
    }

    /// Writes a rejected row: line, tab, reason.
    func reject(_ row: RejectedRow) throws {
        let line = "\(row.line)\t\(DisplayText.line(row.reason))"
        guard let rejects else {
            if shown.count < Self.shownRejections { shown.append(line) }
            return
        }
        var text = line + "\n"
        let isWritten = text.withUTF8 {
            write(rejects.descriptor, $0.baseAddress, $0.count) == $0.count
        }
        guard isWritten else { throw Self.unusable(rejects.path, "written") }
    }

    /// Takes the bar away; how long the import took.
    func finish() -> Duration { bar.finish() }

    /// Where the rejected rows are.
    func rejectionText(_ count: Int) -> String {
        let rows = "\(count) row\(count == 1 ? " was" : "s were") not imported"
        guard let rejects else {
            let lines = shown.map { "  line \($0.replacing("\t", with: ": "))\n" }.joined()
            return "llara: \(rows)\n\(lines)"
                + "Next: --rejects FILE writes all of them; correct them and import again\n"
        }
        return "llara: \(rows)\nNext: \(rejects.path) has line and reason of each; correct them "
            + "and import again\n"
    }

    private static func unusable(_ path: String, _ verb: String) -> CommandError {
        CommandError(
            .notFound, "\(path) cannot be \(verb): \(String(cString: strerror(errno)))",
            advice: "check the path and its permissions")
    }
}
