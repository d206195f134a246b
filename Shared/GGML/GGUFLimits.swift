/// Named limits on what a GGUF file may hold; all are checked before anything is allocated.
public enum GGUFLimits {
    /// Tensors in a file; large mixture models have some thousands.
    public static let maximumTensors = 65_536
    /// Metadata pairs in a file.
    public static let maximumPairs = 4_096
    /// Bytes of a key; the format's own bound.
    public static let maximumKeyBytes = 65_535
    /// Bytes of a tensor's name; ggml keeps 64 with the closing zero.
    public static let maximumTensorNameBytes = 63
    /// Bytes of a string value; chat templates and licences are the long ones.
    public static let maximumStringBytes = 4 << 20
    /// Elements of an array; vocabularies and their merges are the long ones.
    public static let maximumArrayElements = 4 << 20
    /// Arrays longer than this are walked and checked, but not kept.
    public static let maximumKeptArrayElements = 1_024
    /// Bytes of everything before the tensor data.
    public static let maximumHeaderBytes = 256 << 20
    /// Dimensions of a tensor; ggml's own bound.
    public static let maximumDimensions = 4
    /// Elements of a tensor.
    public static let maximumTensorElements = 1 << 40
    /// Largest alignment of the tensor data.
    public static let maximumAlignment = 65_536
}
