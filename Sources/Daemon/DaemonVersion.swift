/// The version of the programs.
public enum DaemonVersion {
    public static let text = "0.1.0"
}
