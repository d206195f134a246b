import FuzzSubjects

@testable import Wire

/// Every message that can stand in a frame, for tests that hold for all of them.
let convertibleKinds = messageKinds.map { $0 as! any (WireMessage & ProtobufConvertible).Type }

/// Reads hexadecimal digits.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)!
    }
}
