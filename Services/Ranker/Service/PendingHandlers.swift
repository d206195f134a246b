import RPC
import ServiceAPI
import Wire

/// Methods that this build of the ranker does not answer yet.
extension RankerService {
    func generate(
        _ request: GenerateRequest, context: CallContext,
        writer: TypedResponseWriter<GenerateResponse>
    ) async throws {
        throw RPCError(code: .unimplemented, message: "this ranker does not answer Generate")
    }
}
