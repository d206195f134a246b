import RPC
import ServiceAPI
import Storage
import Wire

/// Methods of the catalog owner.
extension GatewayService {
    /// Items or interactions of a page when the caller names no number.
    static let defaultPageSize = 50

    func upsertItems(
        _ request: UpsertItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        let result = try await store.upsert(
            items: request.items.map(ItemDraft.init), author: request.author,
            deadline: context.deadline)
        return WriteResponse(version: result.version, changedCount: result.changedCount)
    }

    func deleteItems(
        _ request: DeleteItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        let result = try await store.delete(
            itemIDs: request.itemIDs, author: request.author, deadline: context.deadline)
        return WriteResponse(version: result.version, changedCount: result.changedCount)
    }

    func getItems(
        _ request: GetItemsRequest, context: CallContext
    ) async throws -> ItemsResponse {
        let found = try await store.items(ids: request.itemIDs, deadline: context.deadline)
        return ItemsResponse(
            items: found.items.map(\.catalogItem), catalogVersion: found.catalogVersion)
    }

    func listItems(
        _ request: ListItemsRequest, context: CallContext
    ) async throws -> ItemsResponse {
        let found = try await store.list(
            titleContains: request.titleContains, after: request.afterItemID,
            count: request.count == 0 ? Self.defaultPageSize : request.count,
            deadline: context.deadline)
        return ItemsResponse(
            items: found.items.map(\.catalogItem), catalogVersion: found.catalogVersion)
    }
}
