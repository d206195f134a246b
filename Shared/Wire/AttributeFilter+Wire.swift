import CMessages
import Domain

extension NumberRange: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__NumberRange>?) -> Void {
        llara__v1__number_range__init
    }

    init(_ c: Llara__V1__NumberRange) throws(WireError) {
        self.init(
            minimum: try Checked.optionalNumber(
                "minimum", c.minimum, isGiven: c.has_minimum, by: "has_minimum"),
            maximum: try Checked.optionalNumber(
                "maximum", c.maximum, isGiven: c.has_maximum, by: "has_maximum"))
        guard minimum != nil || maximum != nil else {
            throw WireError(field: "", message: "has neither a minimum nor a maximum")
        }
        if let minimum, let maximum, minimum > maximum {
            throw WireError(field: "minimum", message: "is greater than the maximum")
        }
    }

    func fill(_ c: inout Llara__V1__NumberRange, _ arena: EncodingArena) {
        (c.has_minimum, c.minimum) = (minimum == nil ? 0 : 1, minimum ?? 0)
        (c.has_maximum, c.maximum) = (maximum == nil ? 0 : 1, maximum ?? 0)
    }
}

extension AttributeFilter: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__AttributeFilter>?) -> Void {
        llara__v1__attribute_filter__init
    }

    init(_ c: Llara__V1__AttributeFilter) throws(WireError) {
        self.init(
            key: try Checked.identifier("key", c.key),
            anyOf: try Checked.titles(
                "any_of", c.any_of, c.n_any_of, limit: WireLimits.maximumFilterValues),
            range: try Checked.optional("range", c.range))
    }

    func fill(_ c: inout Llara__V1__AttributeFilter, _ arena: EncodingArena) {
        c.key = arena.string(key)
        (c.n_any_of, c.any_of) = arena.strings(anyOf)
        c.range = arena.optional(range)
    }
}
