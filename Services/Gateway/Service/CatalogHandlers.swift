import RPC
import ServiceAPI
import Storage
import Wire

/// Methods of the catalog owner.
extension GatewayService {
    /// Items, changes or interactions of a page when the caller names no number.
    static let defaultPageSize = 50

    func upsertItems(
        _ request: UpsertItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(
            try await store.upsert(
                items: request.items.map(ItemDraft.init), author: request.author,
                ifVersion: request.ifVersion, idempotencyKey: request.idempotencyKey,
                deadline: context.deadline))
    }

    func patchItems(
        _ request: PatchItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(
            try await store.patch(
                request.patches.map(Storage.ItemPatch.init), author: request.author,
                ifVersion: request.ifVersion, idempotencyKey: request.idempotencyKey,
                deadline: context.deadline))
    }

    func deleteItems(
        _ request: DeleteItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        WriteResponse(
            try await store.delete(
                itemIDs: request.itemIDs, author: request.author, ifVersions: request.ifVersions,
                idempotencyKey: request.idempotencyKey, deadline: context.deadline))
    }

    func getItems(
        _ request: GetItemsRequest, context: CallContext
    ) async throws -> ItemsResponse {
        ItemsResponse(try await store.items(ids: request.itemIDs, deadline: context.deadline))
    }

    func listItems(
        _ request: ListItemsRequest, context: CallContext
    ) async throws -> ItemsResponse {
        ItemsResponse(
            try await store.list(
                titleContains: request.titleContains, filters: request.filters,
                isHidden: request.state.map { $0 == .hidden }, after: request.afterItemID,
                count: request.count == 0 ? Self.defaultPageSize : request.count,
                deadline: context.deadline))
    }

    func listChanges(
        _ request: ListChangesRequest, context: CallContext
    ) async throws -> ListChangesResponse {
        let found = try await store.changes(
            after: request.afterVersion, afterItemID: request.afterItemID,
            count: request.count == 0 ? Self.defaultPageSize : request.count,
            itemID: request.itemID, deadline: context.deadline)
        return ListChangesResponse(
            changes: found.changes.map { change in
                Wire.ItemChange(
                    version: change.version, itemID: change.itemID, action: change.action,
                    author: change.author, changedAtSeconds: change.changedAtSeconds)
            }, catalogVersion: found.catalogVersion)
    }
}
