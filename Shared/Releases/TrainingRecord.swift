extension ReleaseManifest {
    /// Where a release comes from: enough to repeat the training and to judge it fairly.
    public struct TrainingRecord: Sendable, Codable, Equatable {
        /// Name of the data set.
        public var dataset: String
        /// The split rule: `users` or `leave-one-out`.
        public var split: String
        /// SHA-256 of what the split rule yielded, 32 bytes.
        @HexadecimalBytes public var splitSHA256: [UInt8]
        /// Seed of every draw.
        public var seed: UInt64
        /// The recipe's settings by name.
        public var recipe: [String: String]
        /// What was measured, by name.
        public var metrics: [String: Double]
        /// When it was built, ISO 8601.
        public var created: String

        /// Makes a record.
        public init(
            dataset: String, split: String, splitSHA256: [UInt8], seed: UInt64,
            recipe: [String: String], metrics: [String: Double], created: String
        ) {
            self.dataset = dataset
            self.split = split
            self.splitSHA256 = splitSHA256
            self.seed = seed
            self.recipe = recipe
            self.metrics = metrics
            self.created = created
        }

        private enum CodingKeys: String, CodingKey {
            case dataset, split, seed, recipe, metrics, created
            case splitSHA256 = "split_sha256"
        }
    }
}
