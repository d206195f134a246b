import Foundation
import GGML
import Testing

/// Each limit of GGUFLimits at its value; what lies beyond is also among the hostile files.
@Suite("Limits of GGUF files")
struct GGUFLimitsTests {
    private func code(_ raw: RawGGUF) throws -> GGUFError.Code? {
        let folder = try TemporaryFolder()
        return try code(path: folder.write(raw.bytes, to: "file.gguf"))
    }

    private func code(path: String) -> GGUFError.Code? {
        do {
            _ = try GGUFFile(path: path)
            return nil
        } catch {
            return error.code
        }
    }

    private func text(_ length: Int) -> String { String(repeating: "a", count: length) }

    @Test("as many pairs and tensors as allowed are read")
    func counts() throws {
        let pairs = (0..<GGUFLimits.maximumPairs).map { RawGGUF.pair("k\($0)", type: 0, [1]) }
        #expect(try code(RawGGUF(pairs: pairs)) == nil)
        #expect(
            try code(RawGGUF(pairs: pairs + [RawGGUF.pair("one more", type: 0, [1])]))
                == .limitExceeded)
        let tensors = (0..<GGUFLimits.maximumTensors).map {
            RawGGUF.tensor("t\($0)", [1], type: 24, offset: UInt64($0) * 32)
        }
        let data = [UInt8](repeating: 0, count: GGUFLimits.maximumTensors * 32)
        #expect(try code(RawGGUF(tensors: tensors, data: data)) == nil)
    }

    @Test("the longest key, name and text are read, a byte more is refused")
    func lengths() throws {
        func key(_ length: Int) -> RawGGUF {
            RawGGUF(pairs: [RawGGUF.pair(text(length), type: 0, [1])])
        }
        #expect(try code(key(GGUFLimits.maximumKeyBytes)) == nil)
        #expect(try code(key(GGUFLimits.maximumKeyBytes + 1)) == .limitExceeded)
        func name(_ length: Int) -> RawGGUF {
            RawGGUF(
                tensors: [RawGGUF.tensor(text(length), [8])], data: [UInt8](repeating: 0, count: 32)
            )
        }
        #expect(try code(name(GGUFLimits.maximumTensorNameBytes)) == nil)
        #expect(try code(name(GGUFLimits.maximumTensorNameBytes + 1)) == .limitExceeded)
        func value(_ length: Int) -> RawGGUF {
            RawGGUF(pairs: [RawGGUF.pair("k", type: 8, RawGGUF.text(text(length)))])
        }
        #expect(try code(value(GGUFLimits.maximumStringBytes)) == nil)
        #expect(try code(value(GGUFLimits.maximumStringBytes + 1)) == .limitExceeded)
    }

    @Test("four dimensions, 2^40 values and the largest alignment pass their checks")
    func shapes() throws {
        let data = [UInt8](repeating: 0, count: 32)
        func shape(_ sides: [UInt64]) -> RawGGUF {
            RawGGUF(tensors: [RawGGUF.tensor("t", sides)], data: data)
        }
        #expect(try code(shape(Array(repeating: 1, count: GGUFLimits.maximumDimensions))) == nil)
        #expect(
            try code(shape(Array(repeating: 1, count: GGUFLimits.maximumDimensions + 1)))
                == .malformed)
        let most = UInt64(GGUFLimits.maximumTensorElements)
        // Nothing but the missing data is wrong with the first.
        #expect(try code(shape([1 << 20, most >> 20])) == .malformed)
        #expect(try code(shape([1 << 20, most >> 20, 2])) == .limitExceeded)
        func alignment(_ alignment: Int) -> RawGGUF {
            RawGGUF(pairs: [
                RawGGUF.pair("general.alignment", type: 4, RawGGUF.little(UInt32(alignment)))
            ])
        }
        #expect(try code(alignment(GGUFLimits.maximumAlignment)) == nil)
        #expect(try code(alignment(GGUFLimits.maximumAlignment * 2)) == .malformed)
    }

    @Test("arrays of the longest length fill the head up to its limit, and no further")
    func head() throws {
        let length = GGUFLimits.maximumArrayElements
        let most = GGUFLimits.maximumHeaderBytes / length
        func code(arrays: Int) throws -> GGUFError.Code? {
            let folder = try TemporaryFolder()
            let path = try folder.write(RawGGUF(pairCount: UInt64(arrays)).bytes, to: "head.gguf")
            let file = try FileHandle(forUpdating: URL(filePath: path))
            try file.seek(toOffset: 24)
            for index in 0..<arrays {
                try file.write(
                    contentsOf: RawGGUF.pair(
                        "k\(index)", type: 9,
                        RawGGUF.little(UInt32(0)) + RawGGUF.little(UInt64(length))))
                // The elements are a hole of the file.
                try file.seek(toOffset: try file.offset() + UInt64(length))
            }
            try file.truncate(atOffset: try file.offset())
            try file.close()
            return self.code(path: path)
        }
        #expect(try code(arrays: most - 1) == nil)
        #expect(try code(arrays: most) == .limitExceeded)
    }
}
