import ArgumentParser
import DataSets
import Domain
import Foundation
import Releases
import TestSupport
import Torch
import TrainingCore
import TrainingModels

@testable import llara_train

/// A data folder, a recommender's release on it and a tiny LLM, for runs of a few seconds.
struct HybridFixture {
    static let itemCount = 30

    let folder: ScratchFolder
    let llm: TinyLlama
    let library: TorchLibrary
    var data: String { "\(folder.path)/data" }
    var release: String { "\(folder.path)/recommender" }

    init() throws {
        folder = try ScratchFolder()
        llm = try TinyLlama()
        library = try TorchLibrary()
        try FileManager.default.createDirectory(
            atPath: data, withIntermediateDirectories: true)
        var interactions = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        for user in 0..<12 {
            for step in 0..<8 {
                interactions += "u\(user)\ti\((user * 2 + step) % Self.itemCount)\t4\t"
                interactions += "\(user * 100 + step)\n"
            }
        }
        var items = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        for item in 0..<Self.itemCount { items += "i\(item)\tT\(item)\t1990\tDrama\n" }
        try Data(interactions.utf8).write(to: URL(fileURLWithPath: "\(data)/t.inter"))
        try Data(items.utf8).write(to: URL(fileURLWithPath: "\(data)/t.item"))
        try writeRelease()
    }

    private func writeRelease() throws {
        let dataSet = try DataSet(directory: data, rule: .leaveOneOut)
        let split = "\(folder.path)/split.tsv"
        try Data(dataSet.split.canonicalText).write(to: URL(fileURLWithPath: split))
        let model = try TorchSerial.run {
            try library.setSeed(5)
            let network = SASRecShape(
                blocks: 1, heads: 1, feedForward: 16, variant: .preNorm, activation: .gelu)
            return try SASRecModel(
                SequentialShape(
                    itemCount: Self.itemCount, dimension: 16, window: 8, tiedOutput: true,
                    network: .sasrec(network)),
                network, library: library, deviation: 1)
        }
        let writer = try ReleaseWriter(destination: release)
        try model.write(to: writer.path(of: "encoder.gguf"), halfPrecision: false)
        try writer.write(
            ItemVocabulary(
                ids: dataSet.items.map(\.id),
                titleHashes: dataSet.items.map { ItemVocabulary.titleHash(of: $0.title) }))
        _ = try writer.finish(
            ReleaseManifest(
                name: "recommender", representation: .text, domain: "movie",
                encoder: .init(
                    model: "sasrec", dimension: 16, window: 8, itemCount: Self.itemCount),
                llm: LanguageModelOption.read(llm.path),
                vocabulary: .init(itemCount: Self.itemCount), fusion: .init(llm: 1, srs: 1),
                training: .init(
                    dataset: dataSet.name, split: "leave-one-out",
                    splitSHA256: sha256(ofFile: split), seed: 1, recipe: ["name": "random"],
                    metrics: [:], created: "2026-01-01T00:00:00Z")))
    }

    /// Options of a run of six steps, its files under `name`.
    func options(_ name: String, _ more: [String] = []) -> [String] {
        [
            "--release", release, "--data", data, "--llm", llm.path, "--output",
            "\(folder.path)/\(name)", "--checkpoints", "\(folder.path)/\(name)-checkpoints",
            "--type", "float32", "--threads", "1", "--examples", "12", "--batch", "2",
            "--candidates", "4", "--checkpoint-every", "1", "--validation-rows", "2",
        ] + more
    }

    /// A session in this process; the caller takes its turn with ``TorchSerial``.
    func session(_ name: String, _ more: [String] = []) throws -> HybridSession {
        try HybridSession(HybridCommand.parse(options(name, more)))
    }

    /// The bytes of what a run trained.
    func trained(_ name: String) throws -> [Data] {
        try ["adapter.gguf", "projector.gguf"].map {
            try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)/\($0)"))
        }
    }
}

/// `llara-train hybrid` in a process of its own.
final class TrainProcess {
    /// Linux's F_SETPIPE_SZ, a GNU extension that Glibc does not show.
    private static let setPipeSize: Int32 = 1_031

    private let process = Process()
    private let errors = Pipe()
    private let output = Pipe()
    private var heard = ""

    /// Starts it, after `before` in a shell.
    init(_ options: [String], before: String = "") throws {
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments =
            ["-c", "\(before) exec \"$@\"", "run", builtExecutable("llara-train"), "hybrid"]
            + options
        process.standardError = errors
        process.standardOutput = output
        // One page: a run of many steps has to wait for its reader, so that it cannot end between
        // a message and the signal that answers it.
        _ = fcntl(errors.fileHandleForWriting.fileDescriptor, Self.setPipeSize, 4_096)
        try process.run()
    }

    /// Reads its messages until one holds `text`; false when it ends before.
    func hears(_ text: String) -> Bool {
        while !heard.contains(text) {
            let part = errors.fileHandleForReading.availableData
            guard !part.isEmpty else { return false }
            heard += String(decoding: part, as: UTF8.self)
        }
        return true
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for its end: exit code or signal, and everything it said on standard error.
    func end() -> (code: Int32, messages: String) {
        _ = hears("\u{0}")
        process.waitUntilExit()
        return (process.terminationStatus, heard)
    }
}
