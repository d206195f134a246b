import Domain
import GGML
import TestSupport
import Testing
import Torch
import TrainingModels

@Suite("The projector in training")
struct ProjectorNetworkTests {
    private let library: TorchLibrary

    init() throws { library = try TorchLibrary() }

    private func network(_ roles: [ProjectorNetwork.Role]) throws -> ProjectorNetwork {
        try ProjectorNetwork(library: library, input: 16, output: 40, roles: roles)
    }

    @Test("what is served equals what was trained, for both roles, within 1e-4")
    func parity() throws {
        try TorchSerial.run {
            try library.setSeed(3)
            let network = try network([.item, .user])
            let folder = try ScratchFolder()
            let path = "\(folder.path)/projector.gguf"
            try network.write(to: path)
            let served = try MLPProjector(path: path)
            #expect(served.roles == ["item", "user"])
            #expect(served.input == 16 && served.hidden == 40 && served.output == 40)
            let rows = try library.normal(deviation: 2, shape: [7, 16])
            let vectors = FloatTensor(rows: 7, columns: 16, values: try rows.floats())
            for role in ProjectorNetwork.Role.allCases {
                let trained = try library.withoutGradients {
                    try network.project(rows, role: role).floats()
                }
                let projected = try served.project(vectors, role: role.rawValue)
                #expect(projected.columns == 40)
                #expect(zip(trained, projected.values).allSatisfy { abs($0 - $1) < 1e-4 })
            }
            let item = try served.project(vectors, role: "item")
            #expect(item.values != (try served.project(vectors, role: "user")).values)
        }
    }

    @Test("half precision halves the file and stays near")
    func halfPrecision() throws {
        try TorchSerial.run {
            let network = try network([.item])
            let folder = try ScratchFolder()
            try network.write(to: "\(folder.path)/half.gguf", halfPrecision: true)
            let served = try MLPProjector(path: "\(folder.path)/half.gguf")
            let rows = try library.normal(deviation: 1, shape: [3, 16])
            let trained = try network.project(rows, role: .item).floats()
            let projected = try served.project(
                FloatTensor(rows: 3, columns: 16, values: rows.floats()))
            #expect(zip(trained, projected.values).allSatisfy { abs($0 - $1) < 5e-3 })
        }
    }

    @Test("it comes back from its file to be trained further, and not with other roles")
    func readAgain() throws {
        try TorchSerial.run {
            let network = try network([.item, .user])
            let folder = try ScratchFolder()
            let path = "\(folder.path)/projector.gguf"
            try network.write(to: path)
            let again = try ProjectorNetwork.read(
                from: path, roles: [.item, .user], library: library)
            for (old, new) in zip(network.parameters.all, again.parameters.all) {
                #expect(try old.name == new.name && old.tensor.floats() == new.tensor.floats())
            }
            let error = #expect(throws: GGUFError.self) {
                try ProjectorNetwork.read(from: path, roles: [.item], library: library)
            }
            #expect(error?.message == "it projects item, user, needed is item")
        }
    }

    @Test("calibrated, rows of any mean and size give projections of the wanted size that differ")
    func calibrated() throws {
        try TorchSerial.run {
            try library.setSeed(4)
            let network = try network([.item])
            let rows = try (library.normal(deviation: 0.01, shape: [200, 16])).affine(
                factor: 1, term: 3)
            let vectors = FloatTensor(rows: 200, columns: 16, values: try rows.floats())
            /// How much of the projections' mean square is not the same for all rows.
            func spread() throws -> (size: Float, share: Float) {
                let all = try library.withoutGradients { try network.project(rows, role: .item) }
                let mean = try all.reduced(.mean, dimension: 0, keepingDimension: true)
                let square = try all.square().reduced(.mean).item()
                let varying = try (all - mean).square().reduced(.mean).item()
                return (square.squareRoot(), varying / square)
            }
            #expect(try spread().share < 0.001)
            try network.calibrate(.item, to: vectors, scale: 0.25)
            let after = try spread()
            #expect(abs(after.size - 0.25) < 1e-3)
            #expect(after.share > 0.5)
        }
    }

    @Test("it starts within torch's bounds, and a role that it lacks is refused")
    func start() throws {
        try TorchSerial.run {
            let network = try network([.item])
            let weights = try #require(network.parameters["item.up.weight"]).floats()
            #expect(weights.allSatisfy { abs($0) <= 0.25 })
            #expect((weights.max() ?? 0) > 0.2)
            let rows = try library.full(1, shape: [1, 16])
            let error = #expect(throws: TorchError.self) {
                try network.project(rows, role: .user)
            }
            #expect(error?.code == .badArgument)
        }
    }
}
