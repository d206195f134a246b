import RPC
import ServiceAPI
import Storage
import Wire

/// Methods of a user's sequence.
extension GatewayService {
    func appendInteractions(
        _ request: AppendInteractionsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(
            try await store.append(
                userID: request.userID, items: request.items,
                idempotencyKey: request.idempotencyKey, deadline: context.deadline))
    }

    func getUser(_ request: GetUserRequest, context: CallContext) async throws -> GetUserResponse {
        let found = try await store.history(
            userID: request.userID,
            count: request.count == 0 ? Self.defaultPageSize : request.count,
            deadline: context.deadline)
        guard found.interactionCount > 0 else {
            throw RPCError(
                code: .notFound, message: "this user has no interactions; append one first")
        }
        return GetUserResponse(
            userID: request.userID,
            history: found.entries.map {
                UserHistoryItem(interaction: $0.interaction, title: $0.title)
            }, interactionCount: UInt64(found.interactionCount))
    }

    func deleteUser(
        _ request: DeleteUserRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(
            try await store.deleteUser(
                userID: request.userID, idempotencyKey: request.idempotencyKey,
                deadline: context.deadline))
    }
}
