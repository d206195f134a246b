import ArgumentParser
import Evaluation
import GGML
import Postgres
import RPC
import Releases
import ServiceAPI
import Storage
import TrainingCore
import Wire

/// Why a command failed, for a person, and its exit status for a script.
struct CommandError: Error, Equatable {
    /// The numbers of sysexits.h; `llara --help` lists them.
    enum Status: Int32 {
        case badData = 65
        case notFound = 66
        case unavailable = 69
        case defect = 70
        case temporary = 75
        case notPermitted = 77
    }

    var status: Status
    /// What failed.
    var message: String
    /// One thing a line that helps to find it; may name ids.
    var details: [String] = []
    /// What to do next.
    var advice: String

    /// The lines for standard error, none wider than the terminal.
    func text(in terminal: Terminal = .none) -> String {
        func lines(_ text: String, indent: String) -> String {
            guard let columns = terminal.columns else { return text + "\n" }
            return DisplayText.wrapped(text, to: columns - indent.count)
                .joined(separator: "\n" + indent) + "\n"
        }
        return terminal.styled("llara:", .red) + " " + lines(message, indent: "       ")
            + details.map { "  " + lines($0, indent: "  ") }.joined()
            + terminal.styled("Next:", .bold) + " " + lines(advice, indent: "      ")
    }

    init(_ status: Status, _ message: String, details: [String] = [], advice: String) {
        self.status = status
        self.message = message
        self.details = details
        self.advice = advice
    }
}

extension CommandError {
    /// Any error of a command.
    init(_ error: any Error) {
        switch error {
        case let error as CommandError: self = error
        case let error as RPCError: self.init(rpc: error)
        case let error as any RPCErrorConvertible: self.init(rpc: error.rpcError)
        case let error as StorageError: self.init(storage: error)
        case let error as PostgresError:
            self.init(storage: StorageError(error))
        case let error as ReleaseError:
            self.init(.badData, error.message, advice: error.advice)
        case let error as GGUFError:
            self.init(.badData, "\(error.path): \(error.message)", advice: error.advice)
        case let error as ComputeError:
            self.init(
                .badData, error.description, advice: "train or copy the file again, then verify")
        case let error as DataError:
            self.init(
                .badData, error.place,
                advice: error.advice ?? "correct the file and run the command again")
        case let error as WireError:
            self.init(
                .badData, error.description,
                advice: "llara call SERVICE/METHOD --fields lists the fields")
        case let error as EvaluationFailure:
            self.init(.badData, error.message, advice: error.advice)
        case is CancellationError:
            self.init(.temporary, "interrupted", advice: "run the command again")
        default:
            self.init(.defect, "\(error)", advice: "report this with the command that caused it")
        }
    }

    private init(rpc error: RPCError) {
        let (status, advice) = Self.meaning(of: error.code)
        self.init(
            status, "\(error.code.name): \(error.message)",
            details: error.details.map { detail in
                let value = DisplayText.line(String(decoding: detail.value, as: UTF8.self))
                let isWhole = detail.type == RPCError.Detail.fieldViolationType
                return isWhole ? value : "\(DisplayText.line(detail.type)): \(value)"
            }, advice: advice)
    }

    private static func meaning(of code: RPCError.Code) -> (Status, String) {
        switch code {
        case .invalidArgument, .outOfRange, .alreadyExists, .failedPrecondition:
            (.badData, "correct what the message names; --help shows the options")
        case .notFound:
            (
                .notFound,
                "check the name; llara item list, user show and release list show what there is"
            )
        case .unavailable:
            (
                .unavailable,
                "check that the services run (Deploy/demo --keep starts them) and that --gateway "
                    + "names the right address; llara health shows their state"
            )
        case .unimplemented:
            (.unavailable, "check that the address is that service's; llara call lists methods")
        case .deadlineExceeded:
            (.temporary, "give it more time with --timeout, such as --timeout 30s")
        case .aborted:
            (
                .temporary,
                "another write came first: llara item get shows what is stored now, with its "
                    + "version; decide again with that"
            )
        case .resourceExhausted, .cancelled: (.temporary, "run the command again in a moment")
        case .permissionDenied, .unauthenticated:
            (.notPermitted, "ask the operator for access")
        default: (.defect, "look into the service's log, and report what it says")
        }
    }

    private init(storage error: StorageError) {
        let status: Status
        let advice: String
        switch error.code {
        case .unavailable:
            status = .unavailable
            advice = "check that PostgreSQL runs and that --database names it"
        case .notFound:
            status = .notFound
            advice = "correct the data and run the command again"
        case .deadlineExceeded, .conflict, .resourceExhausted, .cancelled, .outcomeUnknown:
            status = .temporary
            advice = "run the command again; what is stored already is skipped"
        case .permissionDenied:
            status = .notPermitted
            advice = "use a role that may write to the schema"
        case .internalError:
            status = .defect
            advice = "report this with the command that caused it"
        default:
            status = .badData
            advice = "correct what the message names and run the command again"
        }
        self.init(
            status, error.message,
            details: error.details.map { detail in
                "\(detail.field): \(detail.problem)" + (detail.value.map { " (\($0))" } ?? "")
            } + Self.databaseWords(error.cause), advice: advice)
    }

    /// What PostgreSQL itself said, down the chain of causes, each sentence once.
    private static func databaseWords(_ error: (any Error)?) -> [String] {
        guard let error = error as? PostgresError else { return [] }
        let words = error.details.map { DisplayText.line($0).split(separator: " ") } ?? []
        let line = words.joined(separator: " ")
        let rest = databaseWords(error.cause)
        return line.isEmpty || rest.contains(line) ? rest : [line] + rest
    }
}

/// Runs a command's work; a failure goes to standard error and ends with its exit status.
func reporting(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let exit as ExitCode {
        throw exit
    } catch {
        let failure = CommandError(error)
        Console.notice(failure.text(in: Console.errorTerminal))
        throw ExitCode(failure.status.rawValue)
    }
}
