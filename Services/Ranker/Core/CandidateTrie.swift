/// The candidates' tokens as a trie: what several candidates share is evaluated once.
///
/// Nodes stand in depth-first order, children in the order in which candidates brought them, so
/// that the first candidates are reached first. The prompt is the root and no node.
public struct CandidateTrie: Sendable, Equatable {
    /// A token after the tokens on the way to it.
    public struct Node: Sendable, Equatable {
        /// The token.
        public let token: Int32
        /// The node before; nil after the prompt.
        public let parent: Int?
        /// Positions between the prompt's end and this token; 0 for the first.
        public let depth: Int
        /// The nodes that continue this one.
        public fileprivate(set) var children: [Int] = []

        /// Whether the engine must see this token: the last token of a candidate is predicted
        /// and never read.
        public var isEvaluated: Bool { !children.isEmpty }
    }

    /// The nodes in depth-first order.
    public let nodes: [Node]
    /// The nodes that may follow the prompt.
    public let roots: [Int]
    /// By candidate: the node of its last token.
    ///
    /// Equal candidates share it.
    public let lastNodes: [Int]

    /// Builds the trie of `tokenLists`, none of which may be empty.
    public init(tokenLists: [[Int32]]) {
        precondition(tokenLists.allSatisfy { !$0.isEmpty }, "a candidate has at least a newline")
        var draft = Draft()
        let ends = tokenLists.map { draft.insert($0) }
        var nodes: [Node] = []
        nodes.reserveCapacity(draft.tokens.count)
        var numbers = [Int](repeating: 0, count: draft.tokens.count)
        var roots: [Int] = []
        // An explicit stack: a recursive walk would be as deep as the longest candidate.
        var stack = draft.children[Draft.root].reversed().map { (draft: $0, parent: Int?.none) }
        while let (index, parent) = stack.popLast() {
            let number = nodes.count
            numbers[index] = number
            nodes.append(
                Node(
                    token: draft.tokens[index], parent: parent,
                    depth: parent.map { nodes[$0].depth + 1 } ?? 0))
            if let parent { nodes[parent].children.append(number) } else { roots.append(number) }
            stack += draft.children[index].reversed().map { ($0, number) }
        }
        self.nodes = nodes
        self.roots = roots
        self.lastNodes = ends.map { numbers[$0] }
    }

    /// The nodes that may follow `node`, or the prompt for nil.
    public func children(of node: Int?) -> [Int] { node.map { nodes[$0].children } ?? roots }

    /// Tokens of candidate `index`.
    public func tokenCount(ofCandidate index: Int) -> Int { nodes[lastNodes[index]].depth + 1 }

    /// How many nodes the engine must evaluate at least.
    public var evaluatedCount: Int { nodes.count { $0.isEvaluated } }
}

/// The trie while candidates are added, in the order of insertion.
private struct Draft {
    private struct Edge: Hashable {
        let parent: Int
        let token: Int32
    }

    static let root = 0
    private(set) var tokens: [Int32] = [-1]
    private(set) var children: [[Int]] = [[]]
    private var edges: [Edge: Int] = [:]

    mutating func insert(_ list: [Int32]) -> Int {
        var node = Self.root
        for token in list {
            let edge = Edge(parent: node, token: token)
            if let next = edges[edge] {
                node = next
            } else {
                edges[edge] = tokens.count
                children[node].append(tokens.count)
                node = tokens.count
                tokens.append(token)
                children.append([])
            }
        }
        return node
    }
}
