import BenchmarkReport
import Glibc

/// A TCP connection to this machine that writes what the kernel takes and reads what has come.
final class LoadSocket {
    private let descriptor: Int32
    private(set) var sentBytes = 0
    private(set) var receivedBytes = 0

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw BenchmarkFailure(description: "no server on port \(port)") }
    }

    deinit { close(descriptor) }

    /// Removes from `output` what the kernel takes at once.
    func send(_ output: inout [UInt8]) throws {
        guard !output.isEmpty else { return }
        let count = output.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        guard count >= 0 || errno == EAGAIN else { throw gone }
        if count == output.count {
            output.removeAll(keepingCapacity: true)
        } else if count > 0 {
            output.removeFirst(count)
        }
        sentBytes += max(0, count)
    }

    /// Waits until something has come, or the kernel takes more if `isSending`.
    ///
    /// - Parameter nanoseconds: longest wait; nil without end.
    func wait(isSending: Bool, nanoseconds: UInt64?) {
        var (reading, writing) = (fd_set(), fd_set())
        insert(in: &reading)
        if isSending { insert(in: &writing) }
        guard let nanoseconds else {
            pselect(descriptor + 1, &reading, &writing, nil, nil, nil)
            return
        }
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        pselect(descriptor + 1, &reading, &writing, nil, &time, nil)
    }

    private func insert(in set: inout fd_set) {
        withUnsafeMutableBytes(of: &set) { $0[Int(descriptor) / 8] |= 1 << (descriptor % 8) }
    }

    /// Appends what has come at `end`; waits for it only if told so.
    func receive(_ input: inout [UInt8], end: inout Int, waits: Bool) throws {
        if end == input.count { input += [UInt8](repeating: 0, count: input.count) }
        let count = input.withUnsafeMutableBytes {
            recv(
                descriptor, $0.baseAddress! + end, $0.count - end,
                waits ? 0 : Int32(MSG_DONTWAIT))
        }
        guard count > 0 || count < 0 && errno == EAGAIN else { throw gone }
        end += max(0, count)
        receivedBytes += max(0, count)
    }

    private var gone: BenchmarkFailure { BenchmarkFailure(description: "the server is gone") }
}
