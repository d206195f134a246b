import Domain

/// What a filter means, in words of Swift: the database must find the same.
extension AttributeFilter {
    /// Whether an item with these attributes passes; one without the attribute fails.
    func matches(_ attributes: [String: String]) -> Bool {
        guard let value = attributes[key], anyOf.isEmpty || anyOf.contains(value) else {
            return false
        }
        guard let range else { return true }
        return NumberRange.number(value).map(range.contains) ?? false
    }
}

extension NumberRange {
    fileprivate func contains(_ number: Double) -> Bool {
        minimum.map { $0 <= number } != false && maximum.map { number <= $0 } != false
    }
}
