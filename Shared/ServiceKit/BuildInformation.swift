/// What `--version` prints and health answers.
public enum BuildInformation {
    /// Version of every binary of this repository; they are released together.
    public static let version = "0.1.0"
}
