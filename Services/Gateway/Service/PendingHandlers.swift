import RPC
import ServiceAPI
import Wire

/// Methods that this build of the gateway does not answer yet.
extension GatewayService {
    func patchItems(
        _ request: PatchItemsRequest, context: CallContext
    ) async throws -> WriteResponse {
        throw Self.unimplemented("PatchItems")
    }

    func listChanges(
        _ request: ListChangesRequest, context: CallContext
    ) async throws -> ListChangesResponse {
        throw Self.unimplemented("ListChanges")
    }

    func deleteUser(
        _ request: DeleteUserRequest, context: CallContext
    ) async throws -> WriteResponse {
        throw Self.unimplemented("DeleteUser")
    }

    func activateRelease(
        _ request: ActivateReleaseRequest, context: CallContext
    ) async throws -> ReleaseChangeResponse {
        throw Self.unimplemented("ActivateRelease")
    }

    func rollbackRelease(
        _ request: RollbackReleaseRequest, context: CallContext
    ) async throws -> ReleaseChangeResponse {
        throw Self.unimplemented("RollbackRelease")
    }

    private static func unimplemented(_ method: String) -> RPCError {
        RPCError(code: .unimplemented, message: "this gateway does not answer \(method)")
    }
}
