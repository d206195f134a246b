import Testing
import Torch

@Suite("Tensors")
struct TensorTests {
    private let library: TorchLibrary

    init() throws { library = try TorchLibrary() }

    private func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
        try library.tensor(values, shape: shape)
    }

    private func close(_ tensor: Tensor, _ expected: [Float], within: Float = 1e-6) throws -> Bool {
        let values = try tensor.floats()
        return values.count == expected.count
            && zip(values, expected).allSatisfy { abs($0 - $1) <= within }
    }

    @Test("values, shapes, types and devices come back")
    func roundTrip() throws {
        let floats = try tensor([1, 2, 3, 4, 5, 6], [2, 3])
        #expect(try floats.shape() == [2, 3])
        #expect(try floats.floats() == [1, 2, 3, 4, 5, 6])
        #expect(try floats.placement() == (.float32, .cpu))
        let indices = try library.indices([3, -1], shape: [2])
        #expect(try indices.integers() == [3, -1])
        #expect(try indices.placement().type == .int64)
        let half = try floats.converted(to: .bfloat16)
        #expect(try half.placement().type == .bfloat16)
        #expect(try half.floats() == [1, 2, 3, 4, 5, 6])
        #expect(try library.mask([true, false], shape: [2]).placement().type == .bool)
        #expect(try tensor([], [0, 4]).shape() == [0, 4])
        #expect(try tensor([7], []).item() == 7)
    }

    @Test("values that do not fill their shape are refused")
    func wrongCount() {
        let error = #expect(throws: TorchError.self) { try tensor([1, 2], [3]) }
        #expect(error?.code == .badArgument)
    }

    @Test("what libtorch refuses is an error with its words, not a crash")
    func refused() throws {
        let left = try tensor([1, 2], [2])
        let right = try tensor([1, 2, 3], [3])
        let error = #expect(throws: TorchError.self) { try left + right }
        #expect(error?.code == .failed)
        #expect(error?.message.hasPrefix("add: ") == true)
        let outside = try library.indices([5], shape: [1])
        #expect(throws: TorchError.self) {
            try tensor([1, 2], [2, 1]).rows(outside).floats()
        }
        #expect(throws: TorchError.self) { try left.assign(right) }
        #expect(throws: TorchError.self) { try left.item() }
        #expect(throws: TorchError.self) { try Tensor.concatenated([], dimension: 0) }
    }

    @Test("arithmetic by value")
    func arithmetic() throws {
        let left = try tensor([1, 2, 3, 4], [2, 2])
        let right = try tensor([5, 6, 7, 8], [2, 2])
        #expect(try (left + right).floats() == [6, 8, 10, 12])
        #expect(try (right - left).floats() == [4, 4, 4, 4])
        #expect(try (left * right).floats() == [5, 12, 21, 32])
        #expect(try (right / tensor([5, 2], [2])).floats() == [1, 3, 1.4, 4])
        #expect(try left.matmul(right).floats() == [19, 22, 43, 50])
        #expect(try left.affine(factor: 2, term: 1).floats() == [3, 5, 7, 9])
        #expect(try (left * 0.5).floats() == [0.5, 1, 1.5, 2])
        let mask = try library.mask([true, false, false, true], shape: [2, 2])
        #expect(try left.filled(where: mask, with: -1).floats() == [-1, 2, 3, -1])
        #expect(try left.dropout(0).floats() == [1, 2, 3, 4])
    }

    @Test(
        "dropout zeroes its share, scales the rest and its gradient alike, and repeats with a seed")
    func dropout() throws {
        let count = 100_003
        func dropped(seed: UInt64, _ type: Tensor.ElementType = .float32) throws -> [Float] {
            try library.setSeed(seed)
            return try tensor([Float](repeating: 3, count: count), [count])
                .converted(to: type).dropout(0.25).converted(to: .float32).floats()
        }
        let values = try dropped(seed: 1)
        #expect(Set(values) == [0, 4])
        let share = Double(values.count { $0 == 0 }) / Double(count)
        #expect(abs(share - 0.25) < 0.005)
        #expect(try dropped(seed: 1) == values)
        #expect(try dropped(seed: 2) != values)
        #expect(try dropped(seed: 1, .bfloat16).map { $0 == 0 } == values.map { $0 == 0 })
        try library.setThreadCount(1)
        #expect(try dropped(seed: 1) == values)
        try library.setThreadCount(2)
        let weights = try tensor([Float](repeating: 3, count: count), [count])
            .requiringGradient()
        let kept = try weights.dropout(0.25)
        try kept.reduced(.sum).backward()
        #expect(try weights.gradient()?.floats() == kept.floats().map { $0 / 3 })
        for beyond in [-0.1, 1, .nan] {
            #expect(throws: TorchError.self) { try tensor([1], [1]).dropout(beyond) }
        }
    }

    @Test("activations by value")
    func activations() throws {
        let input = try tensor([-1, 0, 1], [3])
        // 0.5 x (1 + erf(x / √2)) at ±1, not the tanh form's -0.1588.
        #expect(try close(input.gelu(), [-0.158_655_25, 0, 0.841_344_75]))
        #expect(try close(input.relu(), [0, 0, 1]))
        #expect(try close(input.silu(), [-0.268_941_42, 0, 0.731_058_58]))
        #expect(try close(input.sigmoid(), [0.268_941_42, 0.5, 0.731_058_58]))
        #expect(try close(input.tanh(), [-0.761_594_16, 0, 0.761_594_16]))
        #expect(try close(input.exp(), [0.367_879_44, 1, 2.718_281_8]))
        #expect(try close(input.square(), [1, 0, 1]))
        #expect(try close(tensor([4], [1]).rsqrt(), [0.5]))
        #expect(try close(tensor([2.718_281_8], [1]).log(), [1]))
        #expect(try close(input.cos(), [0.540_302_3, 1, 0.540_302_3]))
        #expect(try close(input.sin(), [-0.841_470_98, 0, 0.841_470_98]))
    }

    @Test("layers by value")
    func layers() throws {
        let input = try tensor([1, 3], [1, 2])
        let weight = try tensor([1, 0, 0, 1, 1, 1], [3, 2])
        #expect(
            try input.linear(weight, bias: tensor([0, 0, 1], [3])).floats() == [1, 3, 5])
        #expect(try weight.rows(library.indices([2, 0], shape: [2])).floats() == [1, 1, 1, 0])
        let ones = try tensor([1, 1], [2])
        #expect(
            try close(
                input.layerNorm(ones, bias: tensor([0, 1], [2]), epsilon: 0), [-1, 2]))
        #expect(try close(input.rmsNorm(ones, epsilon: 0), [0.447_213_6, 1.341_640_8]))
        #expect(try close(input.softmax(-1), [0.119_202_92, 0.880_797_1]))
        #expect(try close(input.logSoftmax(1), [-2.126_928, -0.126_928]))
    }

    @Test("attention sees what the mask allows; fewer key heads serve more query heads")
    func attention() throws {
        let query = try tensor([1, 0, 0, 1], [1, 1, 2, 2])
        let values = try tensor([1, 2, 3, 4], [1, 1, 2, 2])
        let causal = try query.attention(keys: query, values: values, causal: true)
        // The second query weighs its keys by softmax(0, 1/√2).
        #expect(try close(causal, [1, 2, 2.339_521, 3.339_521], within: 1e-5))
        let mask = try library.mask([true, false, true, true], shape: [1, 1, 2, 2])
        let masked = try query.attention(keys: query, values: values, mask: mask)
        #expect(try close(masked, causal.floats()))
        let grouped = try Tensor.concatenated([query, query], dimension: 1)
            .attention(keys: query, values: values, causal: true)
        #expect(try close(grouped, causal.floats() + causal.floats()))
    }

    @Test(
        "attention in bfloat16 and its gradients are those of float32, short and long",
        arguments: [(6, 6, true), (5, 7, false), (1_024, 1_024, true), (1_025, 1_025, true)])
    func halfAttention(queries: Int, keys: Int, isCausal: Bool) throws {
        func results(_ type: Tensor.ElementType) throws -> [[Float]] {
            try library.setSeed(7)
            func draw(_ heads: Int, _ length: Int) throws -> Tensor {
                try library.normal(deviation: 1, shape: [1, heads, length, 8])
                    .converted(to: .bfloat16).converted(to: type).requiringGradient()
            }
            let (query, key) = (try draw(4, queries), try draw(2, keys))
            let values = try draw(2, keys)
            let hidden = (0..<queries * keys).map { $0 % 3 == 1 ? -Float.infinity : 0 }
            let mask = try library.tensor(hidden, shape: [1, 1, queries, keys])
                .converted(to: type)
            let mixed = try query.attention(
                keys: key, values: values, mask: isCausal ? nil : mask, causal: isCausal)
            try mixed.square().reduced(.sum).backward()
            let gradients = try [query, key, values].map { try #require(try $0.gradient()) }
            return try ([mixed] + gradients).map { try $0.converted(to: .float32).floats() }
        }
        for (half, full) in zip(try results(.bfloat16), try results(.float32)) {
            let scale = full.map(abs).max() ?? 0
            let worst = zip(half, full).map { abs($0 - $1) }.max() ?? .infinity
            #expect(half.count == full.count && worst < 0.04 * scale)
        }
    }

    @Test("views and selections by value")
    func shapes() throws {
        let grid = try tensor([1, 2, 3, 4, 5, 6], [2, 3])
        #expect(try grid.transposed(0, 1).floats() == [1, 4, 2, 5, 3, 6])
        #expect(try grid.reshaped([3, -1]).shape() == [3, 2])
        #expect(try grid.slice(1, 1..<3).floats() == [2, 3, 5, 6])
        #expect(try grid.slice(1, 0..<3, step: 2).floats() == [1, 3, 4, 6])
        #expect(try Tensor.concatenated([grid, grid], dimension: 1).shape() == [2, 6])
        let pick = try library.indices([2, 0], shape: [2])
        #expect(try grid.selecting(pick, dimension: 1).floats() == [3, 1, 6, 4])
        let each = try library.indices([2, 0], shape: [2, 1])
        #expect(try grid.gathering(each, dimension: 1).floats() == [3, 4])
    }

    @Test("reductions and losses by value")
    func reductions() throws {
        let grid = try tensor([1, 2, 3, 4], [2, 2])
        #expect(try grid.reduced(.sum).item() == 10)
        #expect(try grid.reduced(.mean).item() == 2.5)
        #expect(try grid.reduced(.maximum).item() == 4)
        #expect(try grid.reduced(.sum, dimension: 0).floats() == [4, 6])
        #expect(try grid.reduced(.maximum, dimension: 1).floats() == [2, 4])
        #expect(
            try grid.reduced(.mean, dimension: 1, keepingDimension: true).shape() == [2, 1])
        #expect(try close(grid.reduced(.logSumExp), [4.440_19], within: 1e-5))
        #expect(
            try close(grid.reduced(.logSumExp, dimension: 1), [2.313_262, 4.313_262], within: 1e-5))
        let targets = try library.indices([1, -100], shape: [2])
        #expect(try close(grid.crossEntropy(targets: targets), [0.313_261_7]))
        let wanted = try tensor([1, 0], [2])
        let binary = try tensor([0, 0], [2]).binaryCrossEntropy(targets: wanted)
        #expect(try close(binary, [0.693_147_2]))
    }

    @Test("bfloat16 computes and comes back as float32")
    func halfPrecision() throws {
        let half = try tensor([1, 2, 3, 4], [2, 2]).converted(to: .bfloat16)
        let product = try half.matmul(half)
        #expect(try product.placement().type == .bfloat16)
        #expect(try product.floats() == [7, 10, 15, 22])
    }
}
