import CMessages
import Domain

/// A piece of a prompt (proto `Segment`).
///
/// Each text is tokenised by itself, in training and in serving.
public enum PromptSegment: WireMessage {
    /// Text, tokenised.
    case text(String)
    /// Rows of the request's vectors, each one position of the prompt; the role is "item" today.
    case vectors(role: String, firstRow: Int, rowCount: Int)

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<PromptSegment> { .protobuf }
}

extension PromptSegment: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Segment>?) -> Void {
        llara__v1__segment__init
    }

    init(_ c: Llara__V1__Segment) throws(WireError) {
        switch c.content_case {
        case LLARA__V1__SEGMENT__CONTENT_TEXT:
            self = .text(Checked.text(c.text))
        case LLARA__V1__SEGMENT__CONTENT_VECTORS:
            let vectors = c.vectors.pointee
            guard vectors.row_count > 0 else {
                throw WireError(field: "vectors.row_count", message: "is 0")
            }
            self = .vectors(
                role: try Checked.identifier("vectors.role", vectors.role),
                firstRow: Int(vectors.first_row), rowCount: Int(vectors.row_count))
        default:
            throw WireError(field: "content", message: "is neither text nor vectors")
        }
    }

    func fill(_ c: inout Llara__V1__Segment, _ arena: EncodingArena) {
        switch self {
        case .text(let text):
            c.content_case = LLARA__V1__SEGMENT__CONTENT_TEXT
            c.text = arena.string(text)
        case .vectors(let role, let firstRow, let rowCount):
            c.content_case = LLARA__V1__SEGMENT__CONTENT_VECTORS
            c.vectors = arena.structure(initialisedBy: llara__v1__vector_segment__init) { vectors in
                vectors.role = arena.string(role)
                vectors.first_row = UInt32(clamping: firstRow)
                vectors.row_count = UInt32(clamping: rowCount)
            }
        }
    }
}

extension RankRequest {
    /// Checks that the segments' rows stand in the attachment.
    mutating func attach(_ attachments: [FloatTensor]) throws(WireError) {
        vectors = try Checked.vectors(of: prompt, attachments)
    }
}

extension GenerateRequest {
    /// Checks that the segments' rows stand in the attachment.
    mutating func attach(_ attachments: [FloatTensor]) throws(WireError) {
        vectors = try Checked.vectors(of: prompt, attachments)
    }
}

extension Checked {
    /// The attachment that a prompt's vector segments refer to.
    fileprivate static func vectors(
        of prompt: [PromptSegment], _ attachments: [FloatTensor]
    ) throws(WireError) -> FloatTensor? {
        let vectors = attachments.isEmpty ? nil : try tensor(attachments)
        let rows = vectors?.rows ?? 0
        for (index, segment) in prompt.enumerated() {
            guard case .vectors(_, let firstRow, let rowCount) = segment else { continue }
            guard firstRow + rowCount <= rows else {
                throw WireError(
                    field: "prompt[\(index)].vectors",
                    message: "ends at row \(firstRow + rowCount), the attachment has \(rows)")
            }
        }
        return vectors
    }
}
