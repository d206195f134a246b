/// First in, first out, in constant time on average; an array alone would move all at each take.
struct FIFOQueue<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }

    var isEmpty: Bool { count == 0 }

    /// The next to be taken.
    var first: Element? {
        get { head < elements.count ? elements[head] : nil }
        set { if head < elements.count, let newValue { elements[head] = newValue } }
    }

    /// Changes the next in place, while nobody else holds a copy of it; nil if there is none.
    mutating func updateFirst<Result>(_ body: (inout Element) -> Result) -> Result? {
        guard head < elements.count, var element = elements[head].take() else { return nil }
        defer { elements[head] = element }
        return body(&element)
    }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func takeFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        // Moving the rest once half is gone costs each element one move.
        if head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Removes each element that fits; returns how many there were.
    @discardableResult
    mutating func removeAll(where fits: (Element) -> Bool) -> Int {
        let before = count
        elements = elements[head...].filter { element in element.map { !fits($0) } ?? false }
        head = 0
        return before - count
    }
}
