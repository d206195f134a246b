import Foundation

/// Path of a built executable, which stands beside the test bundle.
public func builtExecutable(_ name: String) -> String {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name).path
}
