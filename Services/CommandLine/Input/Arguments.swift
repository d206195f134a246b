public import ArgumentParser
public import Domain
public import Wire

/// A length of time on the command line: `500ms`, `2s`, `1.5m`.
struct TimeArgument: ExpressibleByArgument, Equatable {
    let duration: Duration

    init?(argument: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60)]
        guard let (suffix, seconds) = units.first(where: { argument.hasSuffix($0.0) }),
            let count = Double(argument.dropLast(suffix.count)), count > 0, count.isFinite,
            count * seconds <= CommandLimits.maximumTimeoutSeconds
        else { return nil }
        duration = .seconds(count * seconds)
    }
}

/// Ids separated by commas.
struct IdentifierList: ExpressibleByArgument, Equatable {
    let ids: [String]

    init?(argument: String) {
        ids = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard ids.allSatisfy({ !$0.isEmpty }) else { return nil }
    }
}

/// Catalog versions separated by commas.
struct VersionList: ExpressibleByArgument, Equatable {
    let versions: [UInt64]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        versions = parts.compactMap { UInt64($0) }
        guard versions.count == parts.count else { return nil }
    }
}

/// `key=value`.
struct PairArgument: ExpressibleByArgument, Equatable {
    let key: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            return nil
        }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}

extension Representation: ExpressibleByArgument {}

extension ItemState: ExpressibleByArgument {}
