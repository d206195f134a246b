/// How a data set is divided into training, validation and test; the two are never mixed.
public enum SplitRule: String, Sendable, Hashable, CaseIterable, Codable {
    /// LLaRA's (section 4.1 and its data files): ratings of at least what the data set names (3 for
    /// MovieLens); users in the order of their
    /// first interaction, the first 80 % train, the next 10 % validate, the rest test; one row a
    /// validation or test user, the last interaction with the 10 before it.
    case users
    /// Every rating and every user: the last item is the test, the second last the validation, the
    /// rest trains.
    case leaveOneOut = "leave-one-out"
    /// The parts that the data set comes with, as LLaRA's published files: whole sequences train;
    /// of a validation or test user all that is known is the target and the items before it.
    case published

    /// Changes whenever the rule yields other rows for the same file.
    public var version: Int { 1 }

    /// Most items of a row's history; nil is all of them.
    public var historyLimit: Int? {
        switch self {
        case .users: 10
        case .leaveOneOut, .published: nil
        }
    }
}
