import Domain
import GGML
import Testing

@Suite("Projector")
struct MLPProjectorTests {
    @Test(
        "outputs equal a double-precision reference",
        arguments: [(8, 5, 7), (64, 576, 576), (64, 4_096, 4_096)])
    func matchesReference(input: Int, hidden: Int, output: Int) throws {
        let model = RandomProjector(input: input, hidden: hidden, output: output, seed: 1)
        let projector = try model.load()
        #expect(projector.input == input && projector.hidden == hidden)
        #expect(projector.output == output && projector.roles == ["item"])
        let vectors = model.vectors(rows: 9)
        let projected = try projector.project(vectors)
        #expect(projected.rows == 9 && projected.columns == output)
        // The reference is slow: one row of the large form says enough.
        for row in output > 1_000 ? 8..<9 : 0..<9 {
            let expected = model.reference(Array(vectors.row(row)))
            #expect(largestDifference(projected.row(row), expected) <= 1e-4)
        }
    }

    @Test(
        "a row gives the same bits in any batch, with any number of threads and off the pool",
        arguments: [(16, 24, 20), (64, 576, 576), (33, 1_100, 45)])
    func batch(input: Int, hidden: Int, output: Int) async throws {
        let model = RandomProjector(input: input, hidden: hidden, output: output, seed: 2)
        let one = try model.load()
        let three = try model.load(threads: 3)
        let vectors = model.vectors(rows: 41)
        let all = try one.project(vectors)
        #expect(try three.project(vectors) == all)
        #expect(try await three.project(batch: vectors, role: "item") == all)
        for rows in Array(1...14) + [23, 24, 25, 40] {
            let part = FloatTensor(
                rows: rows, columns: input, values: Array(vectors.values.suffix(rows * input)))
            let expected = Array(all.values.suffix(rows * output))
            #expect(try one.project(part).values == expected)
            #expect(try three.project(part).values == expected)
        }
    }

    @Test("values far out on both sides pass GELU as they do in double precision")
    func farValues() throws {
        let model = RandomProjector(input: 3, hidden: 40, output: 1, seed: 6)
        let projector = try model.load()
        for scale in [Float(0), 1e-20, 4, 30, 1e4] {
            let row: [Float] = [scale, -2 * scale, 0.5 * scale]
            let projected = try projector.project(FloatTensor(rows: 1, columns: 3, values: row))
            let expected = model.reference(row)
            #expect(largestDifference(projected.row(0), expected) <= 1e-6 * Double(max(1, scale)))
        }
    }

    @Test("no rows give no rows of the output's width")
    func noRows() throws {
        let projector = try RandomProjector(input: 4, hidden: 4, output: 6, seed: 3).load()
        #expect(try projector.project(.empty) == FloatTensor(rows: 0, columns: 6, values: []))
    }

    @Test("an unknown role, another width and a value that is not finite are refused")
    func refusals() throws {
        let projector = try RandomProjector(input: 2, hidden: 4, output: 6, seed: 4).load()
        let row = FloatTensor(rows: 1, columns: 2, values: [1, 2])
        #expect(throws: ComputeError(code: .unknownRole, message: "a role that is not item")) {
            try projector.project(row, role: "user")
        }
        #expect(
            throws: ComputeError(
                code: .wrongDimension, message: "rows of 3 values, the projector takes 2")
        ) {
            try projector.project(FloatTensor(rows: 1, columns: 3, values: [1, 2, 3]))
        }
        let bad = FloatTensor(rows: 2, columns: 2, values: [1, 2, 3, .infinity])
        #expect(
            throws: ComputeError(
                code: .notFinite, message: "the value in row 1, column 1 is not finite")
        ) {
            try projector.project(bad)
        }
    }

    @Test("a row whose projection is not finite is refused by its number")
    func overflow() throws {
        let projector = try RandomProjector(input: 2, hidden: 40, output: 6, seed: 4).load()
        let large = Float.greatestFiniteMagnitude
        let rows = FloatTensor(rows: 3, columns: 2, values: [1, 2, large, large, 3, 4])
        #expect(
            throws: ComputeError(code: .notFinite, message: "row 1 is too large to project")
        ) {
            try projector.project(rows)
        }
    }

    @Test("what cannot be projected is refused before it waits for a place in the queue")
    func refusalsBeforeTheQueue() async throws {
        let model = RandomProjector(input: 33, hidden: 1_100, output: 45, seed: 2)
        let projector = try model.load()
        let rows = MLPProjector.inlineMultiplications / (1_100 * (33 + 45)) + 1
        let vectors = model.vectors(rows: rows)
        let wide = FloatTensor(
            rows: rows, columns: 34, values: [Float](repeating: 1, count: rows * 34))
        // The queue takes nobody who has given up, so that its answer tells who came to it.
        let codes = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            var codes: [ComputeError.Code?] = []
            for (tensor, role) in [(vectors, "item"), (vectors, "user"), (wide, "item")] {
                do throws(ComputeError) {
                    _ = try await projector.project(batch: tensor, role: role)
                    codes.append(nil)
                } catch {
                    codes.append(error.code)
                }
            }
            return codes
        }.value
        #expect(codes == [.cancelled, .unknownRole, .wrongDimension])
    }

    @Test("files without, with doubled or with too many roles are refused")
    func roles() throws {
        let model = RandomProjector(input: 2, hidden: 4, output: 6, seed: 5)
        for roles in [
            [], ["item", "item"], ["user"], (0...MLPProjector.maximumRoles).map(String.init),
        ] {
            let folder = try TemporaryFolder()
            var writer = try model.writer()
            writer.set("projector.roles", .strings(roles))
            try writer.write(to: folder.file("projector.gguf"))
            #expect(throws: GGUFError.self) {
                try MLPProjector(path: folder.file("projector.gguf"))
            }
        }
    }
}

/// A projector with seeded random weights.
struct RandomProjector {
    let input: Int
    let hidden: Int
    let output: Int
    private let tensors: [(name: String, dimensions: [Int], values: [Float])]

    init(input: Int, hidden: Int, output: Int, seed: UInt64) {
        self.input = input
        self.hidden = hidden
        self.output = output
        var generator = SeededGenerator(seed: seed)
        tensors = [
            ("item.up.weight", [input, hidden]), ("item.up.bias", [hidden]),
            ("item.down.weight", [hidden, output]), ("item.down.bias", [output]),
        ].map { name, dimensions in
            let spread = 1 / Float(dimensions[0]).squareRoot()
            let values = (0..<dimensions.reduce(1, *)).map { _ in
                Float.random(in: -spread...spread, using: &generator)
            }
            return (name, dimensions, values)
        }
    }

    func vectors(rows: Int) -> FloatTensor {
        var generator = SeededGenerator(seed: 99)
        return FloatTensor(
            rows: rows, columns: input,
            values: (0..<rows * input).map { _ in Float.random(in: -2...2, using: &generator) })
    }

    func reference(_ row: [Float]) -> [Double] {
        let values = tensors.map { $0.values.map(Double.init) }
        let hidden = referenceLinear(row.map(Double.init), values[0], values[1]).map(exactGELU)
        return referenceLinear(hidden, values[2], values[3])
    }

    func writer() throws -> GGUFWriter {
        var writer = GGUFWriter(architecture: MLPProjector.architecture)
        writer.set("projector.roles", .strings(["item"]))
        writer.set("projector.input_length", .uint32(UInt32(input)))
        writer.set("projector.hidden_length", .uint32(UInt32(hidden)))
        writer.set("projector.output_length", .uint32(UInt32(output)))
        for tensor in tensors {
            try writer.add(
                tensor: tensor.name, dimensions: tensor.dimensions, values: tensor.values)
        }
        return writer
    }

    func load(threads: Int = 1) throws -> MLPProjector {
        let folder = try TemporaryFolder()
        try writer().write(to: folder.file("projector.gguf"))
        return try MLPProjector(path: folder.file("projector.gguf"), threads: threads)
    }
}
