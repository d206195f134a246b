public import Configuration
public import RPC
internal import SystemPackage

/// A setting that is missing, malformed or out of range: which, and what would be right.
public struct SettingError: Error, CustomStringConvertible {
    /// The key below the service's name, as in the file.
    public let key: String
    /// What is wrong and what to write instead.
    public let message: String

    /// Makes an error about `key`.
    public init(key: String, message: String) {
        self.key = key
        self.message = message
    }

    /// One line for a person.
    public var description: String { "setting '\(key)': \(message)" }
}

/// Settings of one service, from most to least binding: arguments, environment, file, defaults.
///
/// Key `listen` of service `encoder` is `--listen`, `LLARA_ENCODER_LISTEN`, and in the file
/// `{"llara": {"encoder": {"listen": …}}}`. Values have to parse: a malformed one is an error,
/// never the default.
public struct ServiceSettings: Sendable {
    private let reader: ConfigReader
    private let service: String

    /// Settings over given providers, which tests use with values in memory.
    public init(service: String, providers: [any ConfigProvider]) {
        self.service = service
        reader = ConfigReader(providers: providers).scoped(to: ["llara", service])
    }

    /// Settings of a process: `arguments` are option values by key.
    public static func ofProcess(
        service: String, arguments: [String: String?], file: String?, defaults: [String: String]
    ) async throws -> ServiceSettings {
        var providers: [any ConfigProvider] = [
            memory("arguments", service, arguments.compactMapValues { $0 }),
            EnvironmentVariablesProvider(),
        ]
        if let file {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(file)))
            } catch {
                throw SettingError(key: "config", message: "cannot read the file \(file): \(error)")
            }
        }
        providers.append(memory("defaults", service, defaults))
        return ServiceSettings(service: service, providers: providers)
    }

    /// Settings for a test or a process without environment: `values` by key.
    public init(service: String, values: [String: String]) {
        self.init(service: service, providers: [Self.memory("values", service, values)])
    }

    private static func memory(
        _ name: String, _ service: String, _ values: [String: String]
    ) -> InMemoryProvider {
        var absolute: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, value) in values {
            let components = ["llara", service] + key.split(separator: ".").map(String.init)
            absolute[AbsoluteConfigKey(components)] = ConfigValue(.string(value), isSecret: false)
        }
        return InMemoryProvider(name: name, values: absolute)
    }

    /// A text that must be there; `hint` says what to write when it is not.
    public func string(_ key: String, hint: String) throws(SettingError) -> String {
        guard let value = optionalString(key), !value.isEmpty else {
            let variable = "LLARA_\(service)_\(key)".uppercased().replacing(".", with: "_")
                .replacing("-", with: "_")
            throw SettingError(key: key, message: "is missing; set \(variable) or \(hint)")
        }
        return value
    }

    /// A text that may be missing.
    public func optionalString(_ key: String) -> String? {
        reader.string(forKey: ConfigKey(key))
            ?? reader.int(forKey: ConfigKey(key)).map(String.init)
            ?? reader.double(forKey: ConfigKey(key)).map { "\($0)" }
    }

    /// A whole number within `range`.
    public func integer(_ key: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        let text = try string(key, hint: "a number from \(range.lowerBound) to \(range.upperBound)")
        guard let value = Int(text), range.contains(value) else {
            throw SettingError(
                key: key,
                message: "'\(text)' is not a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return value
    }

    /// One address.
    public func address(_ key: String) throws(SettingError) -> RPCAddress {
        let text = try string(key, hint: "HOST:PORT")
        do {
            return try RPCAddress(parsing: text)
        } catch {
            throw SettingError(key: key, message: "'\(text)' is not HOST:PORT")
        }
    }

    /// One or more addresses, separated by commas.
    public func addresses(_ key: String) throws(SettingError) -> [RPCAddress] {
        var result: [RPCAddress] = []
        for part in try list(key, hint: "HOST:PORT[,HOST:PORT…]") {
            guard let address = try? RPCAddress(parsing: part) else {
                throw SettingError(key: key, message: "'\(part)' is not HOST:PORT")
            }
            result.append(address)
        }
        return result
    }

    /// One or more texts, separated by commas; blanks around them do not count.
    public func list(_ key: String, hint: String) throws(SettingError) -> [String] {
        let text = try string(key, hint: hint)
        let parts = text.split(separator: /\s*,\s*/, omittingEmptySubsequences: false)
            .map(String.init)
        guard !parts.contains("") else {
            throw SettingError(key: key, message: "'\(text)' has an empty part; write \(hint)")
        }
        return parts
    }

    /// Folders of the releases to serve side by side, the default one first: setting `release`.
    ///
    /// - Throws: also for `NAME@IDENTITY`, which requests use and no folder of a release is called.
    public func releaseDirectories() throws(SettingError) -> [String] {
        let directories = try list("release", hint: "--release FOLDER[,FOLDER…]")
        for directory in directories
        where directory.split(separator: "/").last?.contains("@") == true {
            throw SettingError(
                key: "release",
                message: "'\(directory)' is how requests name a release; write the path of its "
                    + "folder, whose name has no @")
        }
        return directories
    }
}

extension [String] {
    /// The values of an option that may stand several times, as the one value of a setting.
    public var asSetting: String? { isEmpty ? nil : joined(separator: ",") }
}
