public import Domain

/// Which of the loaded releases answers a request that names none.
public struct ReleaseChoice: Sendable, Equatable {
    /// Place in the list of loaded releases.
    public let index: Int
    /// The active release is not loaded, so another one answers and says so.
    public let isSubstitute: Bool

    /// The active release where it is loaded; else the first one, the process's default.
    ///
    /// During a rollout a gateway may lack the release that was just activated. Its users are
    /// better served by a named older release than by an error. With no active release at all, as
    /// before the first publication, the first is no substitute.
    public static func answering(
        active: ReleaseReference?, loaded: [ReleaseReference]
    ) -> ReleaseChoice {
        guard let active else { return ReleaseChoice(index: 0, isSubstitute: false) }
        let found = loaded.firstIndex { active.matches($0) }
        return ReleaseChoice(index: found ?? 0, isSubstitute: found == nil)
    }
}
