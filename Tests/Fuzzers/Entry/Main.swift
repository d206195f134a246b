import Foundation
import FuzzSubjects

/// libFuzzer's own main, as a function (compiler-rt, FuzzerInterface.h).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ input: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The subject that `LLARA_FUZZ` names.
private let subject = FuzzSubject.all.first {
    $0.name == ProcessInfo.processInfo.environment["LLARA_FUZZ"]
}

/// Fuzzes one subject; the arguments are libFuzzer's.
///
/// `fuzz seeds` writes the messages' seeds instead.
@main
struct Main {
    static func main() throws {
        if CommandLine.arguments.dropFirst() == ["seeds"] {
            return try FuzzSubject.writeMessageSeeds()
        }
        guard subject != nil else {
            print("set LLARA_FUZZ to one of: \(FuzzSubject.all.map(\.name).joined(separator: " "))")
            exit(1)
        }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runDriver(&count, &arguments) { start, count in
                let bytes = Array(UnsafeBufferPointer(start: start, count: count))
                do {
                    try subject?.run(bytes)
                } catch {
                    fatalError("\(error)")
                }
                return 0
            })
    }
}
