import CMessages
import Domain

@testable import Wire

/// Every message that can stand in a frame, for tests that hold for all of them.
let messageKinds: [any (WireMessage & ProtobufConvertible).Type] = [
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
    RollbackReleaseRequest.self, ReleaseChangeResponse.self,
]

/// The kinds whose attachment is required.
func attachments(for kind: any WireMessage.Type) -> [FloatTensor] {
    let carrying: [any WireMessage.Type] = [
        EncodeResponse.self, ItemRowsResponse.self, ProjectRequest.self, ProjectResponse.self,
        RankRequest.self, GenerateRequest.self,
    ]
    guard carrying.contains(where: { $0 == kind }) else { return [] }
    return [FloatTensor(rows: 9, columns: 2, values: (0..<18).map { Float($0) / 4 })]
}

/// Appends protobuf's encoding by hand, so that tests do not lean on the code under test.
struct BodyBuilder {
    private(set) var bytes: [UInt8] = []

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func tag(_ number: UInt32, _ wireType: UInt64) {
        varint(UInt64(number) << 3 | wireType)
    }

    mutating func field(_ number: UInt32, varint value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    mutating func field(_ number: UInt32, _ content: some Collection<UInt8>) {
        tag(number, 2)
        varint(UInt64(content.count))
        bytes += content
    }

    mutating func field(_ number: UInt32, littleEndian word: some FixedWidthInteger) {
        tag(number, word.bitWidth == 64 ? 1 : 5)
        withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
    }
}

/// Reads hexadecimal digits.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)!
    }
}
