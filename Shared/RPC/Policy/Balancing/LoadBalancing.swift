/// How a client chooses the replica of each attempt.
public enum LoadBalancing: Sendable, Hashable {
    /// All calls to one replica, until it cannot be used; the order of replicas is drawn at random
    /// by each client, so that clients do not all choose the same.
    case pickFirst
    /// Each replica in turn.
    case roundRobin
    /// The less loaded of two replicas drawn at random, by calls in flight and latency (peak EWMA).
    ///
    /// Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 2001;
    /// gRPC A48; Finagle's and brpc's p2c. The default: a replica that becomes slow loses its calls
    /// at once.
    case leastLoaded
    /// The replica that a call's affinity key belongs to, so that what it keeps of earlier calls (a
    /// prompt's prefix) is of use; a replica whose load exceeds the average by 25 % passes calls
    /// on. A call without a key goes to the less loaded of two.
    ///
    /// Rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 1998) with bounded loads (Mirrokni,
    /// Thorup and Zadimoghaddam, SODA 2018).
    case affinity
}
