import CMessages
import Domain

extension HistoryItem: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__HistoryItem>?) -> Void {
        llara__v1__history_item__init
    }

    init(_ c: Llara__V1__HistoryItem) throws(WireError) {
        self.init(
            itemID: try Checked.identifier("item_id", c.item_id), timeSeconds: c.time_seconds,
            rating: c.rating)
    }

    func fill(_ c: inout Llara__V1__HistoryItem, _ arena: EncodingArena) {
        c.item_id = arena.string(itemID)
        c.time_seconds = timeSeconds
        c.rating = rating
    }
}
