// swift-tools-version: 6.3
import PackageDescription

/// llama.cpp, ggml and their headers: Deploy/bootstrap links the machine's prefix here.
let prefix = Context.packageDirectory + "/.prefix"

/// LLARA_FUZZERS=1 builds the fuzzer, and what it tries with coverage and address checks.
let isFuzzing = Context.environment["LLARA_FUZZERS"] == "1"

/// LLARA_SANITIZER=address or thread keeps the RPC runtime and its tests alone, for `--sanitize`.
let sanitizer = Context.environment["LLARA_SANITIZER"]

let shared: [SwiftSetting] =
    (sanitizer == "thread" ? [.define("THREAD_SANITIZER")] : [])
    + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : []) + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .treatAllWarnings(as: .error),
    ]

/// The prefix is not on the loader's path, so every product that links it carries an rpath.
let engineLinkage: [LinkerSetting] = [
    .unsafeFlags(["-L\(prefix)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(prefix)/lib"])
]

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let nioCore = product("NIOCore", "swift-nio")
let nioPosix = product("NIOPosix", "swift-nio")
let nioTLS = product("NIOTLS", "swift-nio")
let nioSSL = product("NIOSSL", "swift-nio-ssl")
let logging = product("Logging", "swift-log")
let metrics = product("CoreMetrics", "swift-metrics")
let tracing = [
    product("Tracing", "swift-distributed-tracing"),
    product("Instrumentation", "swift-distributed-tracing"),
]
let configuration = product("Configuration", "swift-configuration")
let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let unixSignals = product("UnixSignals", "swift-service-lifecycle")
let argumentParser = product("ArgumentParser", "swift-argument-parser")
let crypto = product("Crypto", "swift-crypto")
let systemPackage = product("SystemPackage", "swift-system")

func library(
    _ name: String, _ path: String, _ dependencies: [Target.Dependency] = [],
    linker: [LinkerSetting] = [], exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path, exclude: exclude,
        swiftSettings: shared, linkerSettings: linker)
}

func service(_ name: String, _ path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["Domain", "RPC", "Wire", "ServiceAPI", "ServiceKit"]
            + [logging, configuration, lifecycle, argumentParser] + dependencies,
        path: path, swiftSettings: shared)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)",
        swiftSettings: shared)
}

// Ring 0: C. Each library has exactly one Swift importer.
let c: [Target] = [
    .systemLibrary(name: "CProtobufC", path: "Shared/C/CProtobufC", pkgConfig: "libprotobuf-c"),
    .systemLibrary(name: "CZstd", path: "Shared/C/CZstd", pkgConfig: "libzstd"),
    .systemLibrary(name: "CLibPQ", path: "Shared/C/CLibPQ", pkgConfig: "libpq"),
    .systemLibrary(name: "CGGML", path: "Shared/C/CGGML"),
    .systemLibrary(name: "CLlama", path: "Shared/C/CLlama"),
    .target(
        name: "CTorchTable", path: "Shared/C/CTorchTable", exclude: ["shim"],
        publicHeadersPath: "include"),
    // As fast as it is meant to be in a debug build, too, where nobody steps through it.
    .target(
        name: "CDense", path: "Shared/C/CDense", exclude: ["kernel.inc"],
        publicHeadersPath: "include", cSettings: [.unsafeFlags(["-O3"])]),
    .target(
        name: "CMessages", dependencies: ["CProtobufC"], path: "Proto/Generated",
        publicHeadersPath: "."),
]

// Ring 1: pure. No NIO, no C, no clock.
let pure: [Target] = [
    library("Domain", "Shared/Domain"),
    library("GatewayCore", "Services/Gateway/Core", ["Domain"]),
    library("RankerCore", "Services/Ranker/Core", ["Domain"]),
    library("TrainingCore", "Services/Trainer/Core", ["Domain"]),
]

// Ring 2: adapters, each the only place that knows its library.
let adapters: [Target] = [
    library(
        "RPC", "Shared/RPC",
        ["Domain", "CZstd", nioCore, nioPosix, nioTLS, nioSSL, logging, metrics] + tracing),
    library("Wire", "Shared/Wire", ["Domain", "CMessages", "CProtobufC"]),
    library("Threads", "Shared/Threads"),
    library("Postgres", "Shared/Postgres", ["Domain", "Threads", "CLibPQ", logging]),
    library("GGML", "Shared/GGML", ["Domain", "CGGML", "CDense"], linker: engineLinkage),
    library(
        "Llama", "Shared/Llama", ["Domain", "RankerCore", "Threads", "CLlama", "CGGML"],
        linker: engineLinkage),
    library("Torch", "Shared/Torch", ["Domain", "CTorchTable"]),
    library("Releases", "Shared/Releases", ["Domain", crypto]),
]

// Ring 3: assembly.
let assembly: [Target] = [
    library("ServiceAPI", "Shared/ServiceAPI", ["Domain", "RPC", "Wire"]),
    library("Storage", "Shared/Storage", ["Domain", "Postgres", logging]),
    library(
        "ServiceKit", "Shared/ServiceKit",
        [
            "Domain", "RPC", "Wire", "ServiceAPI", "Releases", logging, configuration, lifecycle,
            unixSignals, argumentParser, systemPackage,
        ]),
    library("ReleaseModels", "Shared/ReleaseModels", ["Domain", "GGML", "Releases"]),
    library("DataSets", "Shared/DataSets", ["Domain", "TrainingCore", "Releases"]),
    library(
        "Evaluation", "Shared/Evaluation",
        [
            "Domain", "TrainingCore", "GatewayCore", "RankerCore", "GGML", "Llama", "Releases",
            "DataSets",
        ]),
    library(
        "TrainingModels", "Services/Trainer/Models",
        ["Domain", "TrainingCore", "Torch", "GGML"]),
]

// Ring 4: executables.
let executables: [Target] = [
    service(
        "llara-gateway", "Services/Gateway/Service",
        ["GatewayCore", "Storage", "Postgres", "Releases"]),
    service("llara-encoder", "Services/Encoder/Service", ["GGML", "Releases", "ReleaseModels"]),
    service(
        "llara-projector", "Services/Projector/Service", ["GGML", "Releases", "ReleaseModels"]),
    service(
        "llara-ranker", "Services/Ranker/Service", ["RankerCore", "GGML", "Llama", "Releases"]),
    .executableTarget(
        name: "llara-train",
        dependencies: [
            "Domain", "TrainingCore", "TrainingModels", "DataSets", "Evaluation", "GatewayCore",
            "RankerCore", "Llama", "Torch", "GGML", "Releases", "ReleaseModels", "ServiceKit",
            argumentParser,
        ], path: "Services/Trainer/Tool", swiftSettings: shared),
    .executableTarget(
        name: "llara",
        dependencies: [
            "Domain", "RPC", "Wire", "ServiceAPI", "ServiceKit", "Storage", "Postgres", "Releases",
            "ReleaseModels", "TrainingCore", "DataSets", "Evaluation", "GatewayCore", "GGML",
            logging,
            argumentParser,
        ], path: "Services/CommandLine", exclude: ["README.md"], swiftSettings: shared),
]

let testTargets: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: ["Domain", "RPC", "Postgres", "GGML", "Releases", logging],
        path: "Tests/Support", swiftSettings: shared),
    .target(name: "BenchmarkReport", path: "Tests/Benchmarks/Report", swiftSettings: shared),
    tests("BenchmarkReportTests", ["BenchmarkReport"]),
    tests("DomainTests", ["Domain"]),
    tests("GatewayCoreTests", ["GatewayCore"]),
    tests("RankerCoreTests", ["RankerCore"]),
    tests("TrainingCoreTests", ["TrainingCore", "DataSets", "Domain"]),
    tests("DataSetsTests", ["DataSets", "TrainingCore", "Domain"]),
    .target(
        name: "TestCertificates", dependencies: ["RPC"], path: "Tests/Certificates",
        swiftSettings: shared),
    .testTarget(
        name: "RPCTests",
        dependencies: [
            "RPC", "Domain", "TestCertificates", logging, product("InMemoryLogging", "swift-log"),
            nioCore, nioPosix,
            product("NIOEmbedded", "swift-nio"), metrics,
            product("MetricsTestKit", "swift-metrics"),
            product("InMemoryTracing", "swift-distributed-tracing"),
        ] + tracing, path: "Tests/RPCTests", swiftSettings: shared),
    .target(
        name: "FuzzSubjects",
        dependencies: ["Domain", "Wire", "Releases", "GGML", "RPC", "CMessages", "CProtobufC"],
        path: "Tests/Fuzzers/Subjects", swiftSettings: shared),
    .testTarget(
        name: "FuzzersTests", dependencies: ["FuzzSubjects", "GGML", "Wire"],
        path: "Tests/Fuzzers/Replay", swiftSettings: shared),
    tests("WireTests", ["Wire", "Domain", "CMessages", "CProtobufC", "FuzzSubjects"]),
    tests("ThreadsTests", ["Threads"]),
    tests("PostgresTests", ["Postgres", "Domain", logging]),
    tests("GGMLTests", ["GGML"]),
    tests("LlamaTests", ["Llama", "RankerCore", "GGML"]),
    tests(
        "TorchTests",
        [
            "Torch", "TrainingCore", "TrainingModels", "DataSets", "GGML", "Releases",
            "ReleaseModels", "llara-train", argumentParser,
        ]),
    tests(
        "TrainingModelsTests",
        [
            "TrainingModels", "Torch", "TrainingCore", "GGML", "Domain", "Llama", "RankerCore",
            "DataSets", "Releases", "llara-train", argumentParser,
        ]),
    tests("ReleasesTests", ["Releases"]),
    tests("ReleaseModelsTests", ["ReleaseModels", "Releases", "GGML", "Domain"]),
    tests("ServiceAPITests", ["ServiceAPI", "RPC", "Wire", "Domain", "FuzzSubjects", logging]),
    tests("StorageTests", ["Storage", "Postgres", "Domain", logging]),
    tests("ServiceKitTests", ["ServiceKit", "ServiceAPI", "Wire", "RPC", logging, configuration]),
    tests("EncoderTests", ["llara-encoder", "GGML", "Releases", logging, configuration]),
    tests("ProjectorTests", ["llara-projector", "GGML", "Releases", logging, configuration]),
    tests(
        "RankerTests",
        [
            "llara-ranker", "GGML", "Llama", "RankerCore", "Releases", "ServiceAPI", logging,
            configuration,
        ]),
    tests(
        "EndToEndTests",
        [
            "llara-gateway", "llara-encoder", "llara-projector", "llara-ranker", "GGML", "Releases",
            "ServiceAPI", "Storage", "Postgres", "Evaluation", "GatewayCore", "TrainingCore",
            configuration,
        ]),
    tests(
        "EvaluationTests",
        [
            "Evaluation", "TrainingCore", "DataSets", "GatewayCore", "Releases", "Domain",
        ]),
    tests(
        "CommandLineTests",
        [
            "llara", "llara-gateway", "llara-encoder", "llara-ranker", "TestCertificates", "Domain",
            "RPC", "Wire",
            "ServiceAPI", "Storage", "Releases", "TrainingCore", "GatewayCore", "RankerCore",
            "GGML",
            "ReleaseModels", logging, argumentParser,
        ]),
    tests("TidyTests", []),
]

// Measuring is no part of an ordinary build: LLARA_BENCHMARKS=1 swift run -c release benchmark
let isMeasuring = Context.environment["LLARA_BENCHMARKS"] == "1"
let benchmarks: [Target] =
    !isMeasuring
    ? []
    : [
        .target(
            name: "CStorageBaseline", dependencies: ["CLibPQ"],
            path: "Tests/Benchmarks/StorageBaseline"),
        .executableTarget(
            name: "benchmark",
            dependencies: [
                "BenchmarkReport", "CStorageBaseline", "Domain", "GGML", "Llama", "Postgres",
                "RankerCore", "RPC", "ServiceAPI", "Storage", "TestSupport", "Torch",
                "TrainingModels", "Wire", logging, argumentParser, nioCore, nioPosix,
                product("Histogram", "hdrhistogram-swift"),
            ], path: "Tests/Benchmarks",
            exclude: ["Report", "Baselines", "StorageBaseline", "GRPCEcho", "README.md"],
            swiftSettings: shared),
        .executableTarget(
            name: "grpc-echo",
            dependencies: [
                product("GRPCCore", "grpc-swift-2"),
                product("GRPCNIOTransportHTTP2", "grpc-swift-nio-transport"),
            ], path: "Tests/Benchmarks/GRPCEcho", swiftSettings: shared),
    ]

/// What the benchmarks stand beside, and count times with.
let baselines: [Package.Dependency] =
    !isMeasuring
    ? []
    : [
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ]

// See Tests/README.md.
let fuzzers: [Target] =
    isFuzzing
    ? [
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzSubjects"], path: "Tests/Fuzzers/Entry",
            swiftSettings: shared,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
    ] : []

let everything =
    c + pure + adapters + assembly + executables + testTargets + benchmarks + fuzzers
let targets =
    sanitizer == nil
    ? everything
    : everything.filter {
        ["CZstd", "Domain", "RPC", "RPCTests", "TestCertificates"].contains($0.name)
    }

let package = Package(
    name: "llara",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ] + baselines,
    targets: targets
)
