/// Who may import whom: a target imports lower rings only, and each C library and each big
/// dependency has one importer, "the only place that knows it".
struct Rings {
    struct Target {
        let name: String
        let ring: Int
        let folder: String
    }

    static let targets = [
        Target(name: "Domain", ring: 1, folder: "Shared/Domain"),
        Target(name: "GatewayCore", ring: 1, folder: "Services/Gateway/Core"),
        Target(name: "RankerCore", ring: 1, folder: "Services/Ranker/Core"),
        Target(name: "TrainingCore", ring: 1, folder: "Services/Trainer/Core"),
        Target(name: "RPC", ring: 2, folder: "Shared/RPC"),
        Target(name: "Wire", ring: 2, folder: "Shared/Wire"),
        Target(name: "Threads", ring: 2, folder: "Shared/Threads"),
        Target(name: "Postgres", ring: 2, folder: "Shared/Postgres"),
        Target(name: "GGML", ring: 2, folder: "Shared/GGML"),
        Target(name: "Llama", ring: 2, folder: "Shared/Llama"),
        Target(name: "Torch", ring: 2, folder: "Shared/Torch"),
        Target(name: "Releases", ring: 2, folder: "Shared/Releases"),
        Target(name: "ServiceAPI", ring: 3, folder: "Shared/ServiceAPI"),
        Target(name: "Storage", ring: 3, folder: "Shared/Storage"),
        Target(name: "ServiceKit", ring: 3, folder: "Shared/ServiceKit"),
        Target(name: "ReleaseModels", ring: 3, folder: "Shared/ReleaseModels"),
        Target(name: "DataSets", ring: 3, folder: "Shared/DataSets"),
        Target(name: "Evaluation", ring: 3, folder: "Shared/Evaluation"),
        Target(name: "TrainingModels", ring: 3, folder: "Services/Trainer/Models"),
        Target(name: "llara-gateway", ring: 4, folder: "Services/Gateway/Service"),
        Target(name: "llara-encoder", ring: 4, folder: "Services/Encoder/Service"),
        Target(name: "llara-projector", ring: 4, folder: "Services/Projector/Service"),
        Target(name: "llara-ranker", ring: 4, folder: "Services/Ranker/Service"),
        Target(name: "llara-train", ring: 4, folder: "Services/Trainer/Tool"),
        Target(name: "llara", ring: 4, folder: "Services/CommandLine"),
    ]

    /// Imports within one ring: the words that all of ring 1 shares, the threads of adapters whose
    /// calls block, and the assembly of processes.
    static let siblings: [String: Set<String>] = [
        "GatewayCore": ["Domain"], "RankerCore": ["Domain"], "TrainingCore": ["Domain"],
        "Postgres": ["Threads"], "Llama": ["Threads"],
        "ServiceKit": ["ServiceAPI"], "Evaluation": ["DataSets"],
    ]

    /// The only importers of what is not ours; llama.cpp's models are made of ggml's tensors.
    static let owners: [String: Set<String>] = [
        "CMessages": ["Wire"], "CProtobufC": ["Wire"], "CLibPQ": ["Postgres"],
        "CGGML": ["GGML", "Llama"], "CLlama": ["Llama"], "CTorchTable": ["Torch"],
        "CDense": ["GGML"], "CZstd": ["RPC"],
        "NIO": ["RPC"], "Crypto": ["Releases"],
    ]

    /// What a pure target imports all the same: Domain calls the C library, for exp and log, and the
    /// standard library's Unicode normalisation by its name.
    static let pureExtras: [String: Set<String>] = ["Domain": ["Glibc", "Swift"]]

    static func target(of path: String) -> Target? {
        targets.first { path.hasPrefix($0.folder + "/") }
    }

    /// What breaks the rule in one file under Shared or Services.
    static func findings(in file: SourceFile) -> [Finding] {
        guard let target = target(of: file.path) else {
            return [
                Finding(
                    path: file.path, line: 1,
                    message: "belongs to no target in the table of rings; add its target there")
            ]
        }
        return file.imports.compactMap { module, line in
            reasonAgainst(module, in: target).map {
                Finding(path: file.path, line: line, message: $0)
            }
        }
    }

    private static func reasonAgainst(_ module: String, in target: Target) -> String? {
        let library = module.hasPrefix("NIO") || module.hasPrefix("_NIO") ? "NIO" : module
        if let owner = owners[library] {
            return owner.contains(target.name)
                ? nil : "only \(owner.sorted().joined(separator: " and ")) may import \(module)"
        }
        if let other = targets.first(where: { $0.name.replacing("-", with: "_") == module }) {
            let allowed =
                other.ring < target.ring || siblings[target.name, default: []].contains(module)
            return allowed
                ? nil
                : "\(target.name) in ring \(target.ring) may not import \(module) of ring "
                    + "\(other.ring)"
        }
        let allowed = target.ring > 1 || pureExtras[target.name, default: []].contains(module)
        return allowed ? nil : "\(target.name) is pure and may not import \(module)"
    }
}
