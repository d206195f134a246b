import Foundation
import TestSupport
import Testing

@testable import Torch

@Suite("Opening libtorch")
struct TorchLibraryTests {
    @Test("the library opens from the prefix and says its version")
    func opens() throws {
        let library = try TorchLibrary()
        #expect(library.version.hasPrefix("2."))
        #expect(try library.threadCount() >= 1)
        #expect(try library.isAvailable(.cpu))
    }

    @Test("a library that is not there is an error that says what to do next")
    func missing() {
        let error = #expect(throws: TorchError.self) { try TorchLibrary(path: "/nowhere.so") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("/nowhere.so") == true)
        #expect(error?.message.contains("Deploy/bootstrap --with-torch") == true)
    }

    @Test("a library that is no shim is refused")
    func otherLibrary() {
        let error = #expect(throws: TorchError.self) { try TorchLibrary(path: "libm.so.6") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("no torch shim") == true)
    }

    @Test("the named library comes first, then the prefix")
    func order() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(
            atPath: "\(folder)/torch", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let inPrefix = "\(folder)/torch/libllara_torch.so"
        try Data().write(to: URL(fileURLWithPath: inPrefix))
        let named = "\(folder)/named.so"
        try Data().write(to: URL(fileURLWithPath: named))
        #expect(
            try TorchLibrary.locate { ["LLARA_TORCH_LIBRARY": named, "LLARA_PREFIX": folder][$0] }
                == named)
        #expect(try TorchLibrary.locate { ["LLARA_PREFIX": folder][$0] } == inPrefix)
        #expect(throws: TorchError.self) {
            try TorchLibrary.locate { ["LLARA_TORCH_LIBRARY": "\(folder)/none.so"][$0] }
        }
        #expect(TorchLibrary.foldersAbove("/a/b") == ["/a/b", "/a"])
    }

    @Test("the generator's state put back repeats the draws")
    func generator() throws {
        let library = try TorchLibrary()
        // Another test may draw from the process's generator between these lines.
        try TorchSerial.run {
            try library.setSeed(9)
            let state = try library.generatorState()
            let first = try library.normal(deviation: 1, shape: [4]).floats()
            try library.setGeneratorState(state)
            #expect(try library.normal(deviation: 1, shape: [4]).floats() == first)
            try library.setSeed(9)
            #expect(try library.normal(deviation: 1, shape: [4]).floats() == first)
        }
    }

    @Test("memory statistics of the process are there, a device's where there is one")
    func memory() throws {
        let library = try TorchLibrary()
        let host = try library.memory()
        #expect(host.resident > 1 << 20)
        #expect(host.residentPeak >= host.resident / 2)
        #expect(host.deviceAllocated == 0)
        if try !library.isAvailable(.cuda) {
            let error = #expect(throws: TorchError.self) { try library.memory(on: .cuda) }
            #expect(error?.code == .unsupported)
        }
    }
}
