/// Named limits on what a release folder may hold; checked before a file is read.
public enum ReleaseLimits {
    /// Version of the manifest's format that is written, and the only one that is read.
    public static let format = 1
    /// Bytes of manifest.json.
    public static let maximumManifestBytes = 1 << 20
    /// Bytes of vocabulary.tsv.
    public static let maximumVocabularyBytes = 256 << 20
    /// Bytes of a GGUF file of a release.
    public static let maximumModelBytes = 64 << 30
    /// Bytes of an external item id.
    public static let maximumItemIDBytes = 256
    /// Bytes of a release's, adapter's or file's name.
    public static let maximumNameBytes = 64
    /// Named adapters of a release.
    public static let maximumAdapters = 64
    /// Releases that one process serves side by side.
    public static let maximumReleases = 8
    /// Width of a vector anywhere in a release.
    public static let maximumDimension = 65_536

    /// Letters, digits, dot, dash, underscore; not empty, too long or hidden.
    ///
    /// A name of this form cannot leave its folder, and never clashes with the `@` of a release
    /// reference.
    public static func isSafeName(_ name: String) -> Bool {
        guard (1...maximumNameBytes).contains(name.utf8.count), !name.hasPrefix(".") else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch UInt8(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
