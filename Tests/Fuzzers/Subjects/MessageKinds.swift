public import Domain
public import Wire

/// Every message that can stand in a frame, for tests that hold for all of them.
///
/// A fuzzer's input names its kind by the index: new kinds come last.
public let messageKinds: [any WireMessage.Type] = [
    KeyValue.self, CatalogItem.self, ItemSequence.self, RequestContext.self, Adapter.self,
    ReleaseDescription.self, DescribeRequest.self, DescribeResponse.self, EncodeRequest.self,
    EncodeResponse.self, RetrieveRequest.self, RetrievedItem.self, RetrieveResponse.self,
    ItemRowsRequest.self, ItemRowsResponse.self, ProjectRequest.self, ProjectResponse.self,
    PromptSegment.self, RankCandidate.self, RankRequest.self, RankedCandidate.self,
    RankResponse.self, RecommendRequest.self, ScoreParts.self, RecommendedItem.self,
    Provenance.self, Degradation.self, StageTime.self, RecommendResponse.self,
    UpsertItemsRequest.self, DeleteItemsRequest.self, AppendInteractionsRequest.self,
    WriteResponse.self, GetItemsRequest.self, ListItemsRequest.self, ItemsResponse.self,
    GetUserRequest.self, UserHistoryItem.self, GetUserResponse.self, ListReleasesRequest.self,
    StoredRelease.self, ListReleasesResponse.self, HealthCheckRequest.self,
    HealthCheckResponse.self, PromptToken.self, GenerateRequest.self, GenerateResponse.self,
    ItemPatch.self, PatchItemsRequest.self, ListChangesRequest.self, ItemChange.self,
    ListChangesResponse.self, DeleteUserRequest.self, ActivateReleaseRequest.self,
    RollbackReleaseRequest.self, ReleaseChangeResponse.self, InspectRequest.self, CallReport.self,
    ConnectionReport.self, InspectResponse.self, ListMethodsRequest.self, MethodDescription.self,
    FieldDescription.self, MessageDescription.self, ListMethodsResponse.self,
]

/// The kinds whose attachment is required.
public func attachments(for kind: any WireMessage.Type) -> [FloatTensor] {
    let carrying: [any WireMessage.Type] = [
        EncodeResponse.self, ItemRowsResponse.self, ProjectRequest.self, ProjectResponse.self,
        RankRequest.self, GenerateRequest.self,
    ]
    guard carrying.contains(where: { $0 == kind }) else { return [] }
    return [FloatTensor(rows: 9, columns: 2, values: (0..<18).map { Float($0) / 4 })]
}
