public import Domain

/// What manifest.json says: the parts of a release, their hashes, dimensions and origin.
///
/// JSON keys are in snake case and sorted; SHA-256 values are hexadecimal. Unknown keys are
/// ignored, so that later versions of format 1 may add some.
public struct ReleaseManifest: Sendable, Codable, Equatable {
    /// Version of the format; ``ReleaseLimits/format``.
    public var format: Int
    /// The release's name; a safe name, see ``ReleaseLimits/isSafeName(_:)``.
    public var name: String
    /// What items look like in the prompts that this release was made for.
    public var representation: Representation
    /// Which prompt templates apply: `movie`, `game` or `artist`.
    public var domain: String
    /// The sequential recommender.
    public var encoder: Encoder
    /// From the encoder's space into the LLM's; nil until one is trained.
    public var projector: Projector?
    /// The LLM that the release belongs to; its file is not part of the folder.
    public var llm: LanguageModel
    /// Named LoRA adapters of the LLM.
    public var adapters: [Adapter]
    /// External ids by item index.
    public var vocabulary: Vocabulary
    /// What the prompts hold beside items; nil means the defaults.
    public var prompt: Prompt?
    /// Weights of the parts of a final score.
    public var fusion: Fusion
    /// Where the release comes from.
    public var training: TrainingRecord

    /// Makes a manifest of the current format; a `ReleaseWriter` fills in the files' hashes.
    public init(
        name: String, representation: Representation, domain: String, encoder: Encoder,
        projector: Projector? = nil, llm: LanguageModel, adapters: [Adapter] = [],
        vocabulary: Vocabulary, prompt: Prompt? = nil, fusion: Fusion, training: TrainingRecord
    ) {
        self.format = ReleaseLimits.format
        self.name = name
        self.representation = representation
        self.domain = domain
        self.encoder = encoder
        self.projector = projector
        self.llm = llm
        self.adapters = adapters
        self.vocabulary = vocabulary
        self.prompt = prompt
        self.fusion = fusion
        self.training = training
    }

    /// The sequential recommender's file.
    public struct Encoder: Sendable, Codable, Equatable {
        /// The network's design: `sasrec`, `gru4rec` or `caser`.
        public var model: String
        /// Name of the file in the folder.
        public var file: String
        /// SHA-256 of the file, 32 bytes.
        @HexadecimalBytes public var sha256: [UInt8]
        /// Width of an item row and of a user state.
        public var dimension: Int
        /// How many of the newest items of a sequence count.
        public var window: Int
        /// Rows of the item table.
        public var itemCount: Int

        /// Describes an encoder file.
        public init(
            model: String, file: String = "encoder.gguf", sha256: [UInt8] = [], dimension: Int,
            window: Int, itemCount: Int
        ) {
            self.model = model
            self.file = file
            self.sha256 = sha256
            self.dimension = dimension
            self.window = window
            self.itemCount = itemCount
        }

        private enum CodingKeys: String, CodingKey {
            case model, file, sha256, dimension, window
            case itemCount = "item_count"
        }
    }

    /// The projector's file.
    public struct Projector: Sendable, Codable, Equatable {
        /// Name of the file in the folder.
        public var file: String
        /// SHA-256 of the file, 32 bytes.
        @HexadecimalBytes public var sha256: [UInt8]
        /// Width of what it takes: the encoder's dimension.
        public var input: Int
        /// Width between its two layers.
        public var hidden: Int
        /// Width of what it gives: the LLM's input width.
        public var output: Int

        /// Describes a projector file.
        public init(
            file: String = "projector.gguf", sha256: [UInt8] = [], input: Int, hidden: Int,
            output: Int
        ) {
            self.file = file
            self.sha256 = sha256
            self.input = input
            self.hidden = hidden
            self.output = output
        }
    }

    /// The LLM that a release belongs to.
    public struct LanguageModel: Sendable, Codable, Equatable {
        /// Its usual name, with the weight type.
        public var name: String
        /// SHA-256 of its GGUF file, 32 bytes.
        @HexadecimalBytes public var sha256: [UInt8]
        /// Width of its input space.
        public var embeddingDimension: Int
        /// Number of its tokens.
        public var vocabularySize: Int

        /// Describes an LLM.
        public init(
            name: String, sha256: [UInt8], embeddingDimension: Int, vocabularySize: Int
        ) {
            self.name = name
            self.sha256 = sha256
            self.embeddingDimension = embeddingDimension
            self.vocabularySize = vocabularySize
        }

        private enum CodingKeys: String, CodingKey {
            case name, sha256
            case embeddingDimension = "embedding_dimension"
            case vocabularySize = "vocabulary_size"
        }
    }

    /// Whether its prompts hold the user's state.
    public var usesUserState: Bool { prompt?.userState ?? false }

    /// The roles that its projector must have.
    public var vectorRoles: [VectorRole] { usesUserState ? [.item, .user] : [.item] }

    /// The adapter that ranks when a request names none; nil when the release has none of that
    /// name.
    public var defaultAdapter: Adapter? { adapters.first { $0.name == Adapter.defaultName } }

    /// A named LoRA adapter.
    public struct Adapter: Sendable, Codable, Equatable {
        /// The name of the adapter that ranks unless a request names another.
        public static let defaultName = "default"

        /// Its name in requests.
        public var name: String
        /// Name of the file in the folder.
        public var file: String
        /// SHA-256 of the file, 32 bytes.
        @HexadecimalBytes public var sha256: [UInt8]

        /// Describes an adapter file.
        public init(name: String, file: String = "adapter.gguf", sha256: [UInt8] = []) {
            self.name = name
            self.file = file
            self.sha256 = sha256
        }
    }

    /// The item vocabulary's file.
    public struct Vocabulary: Sendable, Codable, Equatable {
        /// Name of the file in the folder.
        public var file: String
        /// SHA-256 of the file, 32 bytes.
        @HexadecimalBytes public var sha256: [UInt8]
        /// Number of items; the encoder's.
        public var itemCount: Int

        /// Describes a vocabulary file.
        public init(file: String = "vocabulary.tsv", sha256: [UInt8] = [], itemCount: Int) {
            self.file = file
            self.sha256 = sha256
            self.itemCount = itemCount
        }

        private enum CodingKeys: String, CodingKey {
            case file, sha256
            case itemCount = "item_count"
        }
    }

    /// What the prompts hold beside items.
    public struct Prompt: Sendable, Codable, Equatable {
        /// Whether the user's state stands in the prompt, as one vector after the history.
        public var userState: Bool

        /// Describes prompts.
        public init(userState: Bool = false) { self.userState = userState }

        /// Reads a description; an absent key has its default.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            userState = try values.decodeIfPresent(Bool.self, forKey: .userState) ?? false
        }

        private enum CodingKeys: String, CodingKey { case userState = "user_state" }
    }

    /// Weights of the parts of a final score.
    public struct Fusion: Sendable, Codable, Equatable {
        /// Weight of the LLM's log-likelihood.
        public var llm: Double
        /// Weight of the sequential recommender's score.
        public var srs: Double

        /// Makes weights.
        public init(llm: Double, srs: Double) {
            self.llm = llm
            self.srs = srs
        }
    }
}
