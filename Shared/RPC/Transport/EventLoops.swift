internal import NIOCore
internal import NIOPosix

/// The thread that every server and client of a process shares.
///
/// One is what most services want: the work is elsewhere, and hops between loops cost more than a
/// second loop gains. It lives as long as the process.
enum EventLoops {
    static let shared: any EventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
}
