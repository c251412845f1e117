import Testing

@testable import FileTransfer

/// Nobody who writes to the bridge makes it ask a machine in its own network.
@Suite struct NetworkAddressTests {
    @Test(arguments: [
        "127.0.0.1", "127.1", "0x7f000001", "2130706433", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "localhost", "api.localhost",
        "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]",
        "[ff02::1]", "[2001:db8::1]", "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1",
    ])
    func isRefused(host: String) { #expect(NetworkAddress.isPrivate(host: host)) }

    @Test(arguments: [
        "1.1.1.1", "172.32.0.1", "172.15.0.1", "100.128.0.1", "192.169.0.1", "[2606:4700::1111]", "[::ffff:1.1.1.1]",
        "upload.example.org", "localhost.example.org",
    ])
    func isLetThrough(host: String) { #expect(!NetworkAddress.isPrivate(host: host)) }
}
