internal import Glibc

/// How OpenMP's threads wait in a process that computes with ggml.
///
/// They spin, unless `OMP_WAIT_POLICY` says otherwise: with neighbours on the same cores a call
/// then takes more than twice its time. OpenMP's library reads the variable when it is loaded,
/// before any code of ours, so a process that finds it missing sets it and becomes itself once
/// more. Whoever starts a service with the variable set decides.
public enum WaitPolicy {
    private static let variable = "OMP_WAIT_POLICY"

    /// To be called first of all in `main`, while nothing runs and nothing is open.
    ///
    /// The process keeps its id. Returns where the policy is set, or the process cannot be
    /// replaced.
    public static func becomePassive() {
        guard getenv(variable) == nil, let path = executablePath(),
            setenv(variable, "passive", 0) == 0
        else { return }
        execv(path, CommandLine.unsafeArgv)
    }

    /// The file of this program; by its link's own name, `ps` would show the process as `exe`.
    private static func executablePath() -> String? {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        guard length > 0, length < path.count else { return nil }
        return String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
