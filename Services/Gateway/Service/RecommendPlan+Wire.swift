import Domain
import GatewayCore
import RPC
import ServiceAPI
import Wire

extension RecommendPlan {
    /// Checks a request.
    ///
    /// - Throws: INVALID_ARGUMENT naming the field.
    init(_ request: RecommendRequest) throws(RPCError) {
        var wishes = RecommendWishes()
        wishes.count = request.count
        wishes.candidateCount = request.candidateCount
        wishes.givenCandidateIDs = request.candidateItemIDs
        wishes.excludedCount = request.excludedItemIDs.count
        wishes.inlineItemIDs = request.sequence?.items.map(\.itemID) ?? []
        wishes.hasUser = !request.userID.isEmpty
        wishes.filters = request.filters
        wishes.freshItemCount = request.freshItems
        wishes.withoutFreshItems = request.withoutFreshItems
        do {
            try self.init(wishes)
        } catch {
            throw RPCError(
                code: .invalidArgument, message: "\(error.field): \(error.message)",
                details: [.fieldViolation(field: error.field, message: error.message)])
        }
    }
}
