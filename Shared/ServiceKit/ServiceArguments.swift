public import ArgumentParser

/// The options that every service has; each beats its environment variable and the file.
public struct ServiceArguments: ParsableArguments {
    @Option(help: "JSON file with settings, under the service's name.")
    var config: String?
    @Option(help: "Address to serve on, HOST:PORT; port 0 takes a free one.")
    var listen: String?
    @Option(help: "File that receives HOST:PORT once the service is ready.")
    var addressFile: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?
    @Flag(help: "Print the settings in force and exit; 64 when one is wrong.")
    var checkConfig = false

    /// What ArgumentParser asks for.
    public init() {}
}
