import CMessages
import CProtobufC
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
    HealthCheckResponse.self,
]

/// The kinds whose attachment is required.
func attachments(for kind: any WireMessage.Type) -> [FloatTensor] {
    let carrying: [any WireMessage.Type] = [
        EncodeResponse.self, ItemRowsResponse.self, ProjectRequest.self, ProjectResponse.self,
        RankRequest.self,
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

/// Draws bodies of a message from its descriptor, fields in the order of their numbers.
struct BodyGenerator {
    var random: SeededGenerator

    mutating func body(of descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> [UInt8] {
        var builder = BodyBuilder()
        let fields = UnsafeBufferPointer(
            start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields))
        let isOneOf = fields.contains { $0.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0 }
        let arm = isOneOf ? fields.indices.randomElement(using: &random) : nil
        let name = String(cString: descriptor.pointee.short_name)
        for (index, field) in fields.enumerated() where arm == nil || arm == index {
            let isRepeated = field.label == PROTOBUF_C_LABEL_REPEATED
            let isOptionalMessage = field.type == PROTOBUF_C_TYPE_MESSAGE && !isOneOf
            let count =
                isRepeated
                ? Int.random(in: 0...3, using: &random)
                : isOptionalMessage ? Int.random(in: 0...1, using: &random) : 1
            for _ in 0..<count { add(field, of: name, to: &builder) }
        }
        return builder.bytes
    }

    private mutating func add(
        _ field: ProtobufCFieldDescriptor, of message: String, to builder: inout BodyBuilder
    ) {
        switch field.type {
        case PROTOBUF_C_TYPE_STRING:
            builder.field(field.id, Array(text().utf8))
        case PROTOBUF_C_TYPE_BYTES:
            builder.field(field.id, (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
        case PROTOBUF_C_TYPE_MESSAGE:
            let inner = field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
            builder.field(field.id, body(of: inner))
        case PROTOBUF_C_TYPE_ENUM:
            let values = field.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
                .pointee
            let index = Int.random(in: 1..<Int(values.n_values), using: &random)
            builder.field(field.id, varint: UInt64(values.values[index].value))
        case PROTOBUF_C_TYPE_BOOL: builder.field(field.id, varint: 1)
        case PROTOBUF_C_TYPE_UINT32:
            // Rows of a segment must stand in the attachment of 9 rows.
            let greatest: UInt64 = message == "VectorSegment" ? 4 : UInt64(UInt32.max)
            builder.field(field.id, varint: UInt64.random(in: 1...greatest, using: &random))
        case PROTOBUF_C_TYPE_UINT64, PROTOBUF_C_TYPE_INT64:
            builder.field(field.id, varint: UInt64.random(in: 1...UInt64.max, using: &random))
        case PROTOBUF_C_TYPE_FLOAT:
            builder.field(
                field.id,
                littleEndian: Float.random(in: 0.5...9, using: &random).bitPattern)
        case PROTOBUF_C_TYPE_DOUBLE:
            builder.field(
                field.id,
                littleEndian: Double.random(in: -9 ... -0.5, using: &random).bitPattern)
        default: preconditionFailure("no message has a field of type \(field.type)")
        }
    }

    private mutating func text() -> String {
        let alphabet: [Character] = ["a", "Z", "7", " ", "é", "中", "🎬", "\n", "\"", "\u{1}"]
        return String(
            (0..<Int.random(in: 1...20, using: &random)).map { _ in
                alphabet.randomElement(using: &random)!
            })
    }
}

/// Reads hexadecimal digits.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)!
    }
}
