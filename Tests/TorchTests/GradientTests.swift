import Testing
import Torch

@Suite("Gradients and Adam")
struct GradientTests {
    private let library: TorchLibrary

    init() throws { library = try TorchLibrary() }

    @Test("a gradient flows to parameters, adds up, and can be cleared and cut")
    func gradient() throws {
        let weight = try library.tensor([2, 3], shape: [2]).requiringGradient()
        #expect(try weight.requiresGradient())
        #expect(try weight.gradient().map(ObjectIdentifier.init) == nil)
        for expected: [Float] in [[4, 6], [8, 12]] {
            try weight.square().reduced(.sum).backward()
            #expect(try weight.gradient()?.floats() == expected)
        }
        try weight.clearGradient()
        #expect(try weight.gradient().map(ObjectIdentifier.init) == nil)
        #expect(try !weight.detached().requiresGradient())
    }

    @Test("nothing is recorded inside withoutGradients, and afterwards it is again")
    func unrecorded() throws {
        let weight = try library.tensor([2], shape: [1]).requiringGradient()
        let silent = try library.withoutGradients { try weight.square() }
        #expect(try !silent.requiresGradient())
        #expect(throws: TorchError.self) { try silent.backward() }
        #expect(try weight.square().requiresGradient())
    }

    @Test("gradients are clipped to their joint norm")
    func clipping() throws {
        var set = ParameterSet()
        try set.add("a", library.tensor([3], shape: [1]))
        try set.add("b", library.tensor([4], shape: [1]))
        #expect(throws: TorchError.self) {
            try set.add("a", library.tensor([4], shape: [1]))
        }
        let loss = try set.tensors[0].square() + set.tensors[1].square()
        try loss.reduced(.sum).backward()
        #expect(abs(try set.clipGradientNorm(5) - 10) < 1e-5)
        let first = try #require(try set["a"]?.gradient())
        #expect(abs(try first.item() - 3) < 1e-3)
    }

    /// One parameter after `steps` of Adam on w²; written out from the paper's algorithm 1.
    private func reference(_ start: Double, rate: Double, decay: Double, steps: Int) -> Double {
        var (weight, first, second) = (start, 0.0, 0.0)
        for step in 1...steps {
            let gradient = 2 * weight + decay * weight
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient * gradient
            var (power1, power2) = (1.0, 1.0)
            for _ in 0..<step { (power1, power2) = (power1 * 0.9, power2 * 0.999) }
            weight -=
                rate * (first / (1 - power1))
                / ((second / (1 - power2)).squareRoot() + 1e-8)
        }
        return weight
    }

    @Test("Adam moves each group at its own rate and decay, as the paper's algorithm does")
    func adam() throws {
        let weights = try [1, 2].map { (value: Float) in
            try library.tensor([value], shape: [1]).requiringGradient()
        }
        let adam = try Adam(library: library)
        try adam.addGroup([weights[0]], learningRate: 0.1)
        try adam.addGroup([weights[1]], learningRate: 0.01, weightDecay: 0.5)
        for _ in 0..<5 {
            try adam.clearGradients()
            try (weights[0].square() + weights[1].square()).reduced(.sum).backward()
            try adam.step()
        }
        let expected = [
            reference(1, rate: 0.1, decay: 0, steps: 5),
            reference(2, rate: 0.01, decay: 0.5, steps: 5),
        ]
        for (weight, value) in zip(weights, expected) {
            #expect(abs(Double(try weight.item()) - value) < 1e-5)
        }
    }

    @Test("Adam with its moments put back goes on as if it had not stopped")
    func resumes() throws {
        func step(_ weight: Tensor, _ adam: Adam) throws {
            try adam.clearGradients()
            try weight.square().reduced(.sum).backward()
            try adam.step()
        }
        let weight = try library.tensor([1, -2], shape: [2]).requiringGradient()
        let adam = try Adam(library: library)
        try adam.addGroup([weight], learningRate: 0.1)
        #expect(try adam.moments(of: 0)?.step == nil)
        for _ in 0..<3 { try step(weight, adam) }
        let other = try weight.copy().detached().requiringGradient()
        let resumed = try Adam(library: library)
        try resumed.addGroup([other], learningRate: 0.1)
        let moments = try #require(try adam.moments(of: 0))
        #expect(moments.step == 3)
        try resumed.setMoments(moments, of: 0)
        for _ in 0..<3 {
            try step(weight, adam)
            try step(other, resumed)
        }
        #expect(try weight.floats() == other.floats())
    }

    @Test("Adam refuses what it has not, and parameters that need no gradient")
    func refused() throws {
        let adam = try Adam(library: library)
        #expect(throws: TorchError.self) { try adam.step() }
        let constant = try library.tensor([1], shape: [1])
        #expect(throws: TorchError.self) { try adam.addGroup([constant], learningRate: 0.1) }
        try constant.requiringGradient()
        try adam.addGroup([constant], learningRate: 0.1)
        #expect(throws: TorchError.self) { try adam.setLearningRate(0.2, group: 1) }
        #expect(throws: TorchError.self) { try adam.moments(of: 1) }
        let wrong = Adam.Moments(
            step: 1, first: try library.full(0, shape: [2]), second: try library.full(0, shape: [2])
        )
        #expect(throws: TorchError.self) { try adam.setMoments(wrong, of: 0) }
    }
}
