import Glibc

/// Addresses that belong to this machine or to the network it stands in, which nobody outside may make us ask.
enum NetworkAddress {
    /// Whether an IPv4 address is not of the public Internet (RFC 6890, RFC 1918, RFC 6598, RFC 3927).
    ///
    /// - Parameter bytes: four, in network order.
    static func isPrivate(v4 bytes: [UInt8]) -> Bool {
        guard bytes.count == 4 else { return true }
        return switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (224..., _): true
        case (100, 64...127), (169, 254), (172, 16...31), (192, 168), (198, 18...19): true
        case (192, 0): bytes[2] == 0 || bytes[2] == 2
        case (198, 51): bytes[2] == 100
        case (203, 0): bytes[2] == 113
        default: false
        }
    }

    /// The same of IPv6 (RFC 4291, RFC 4193). What carries an IPv4 address is judged by that.
    ///
    /// - Parameter bytes: sixteen, in network order.
    static func isPrivate(v6 bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return true }
        // ::/96 and ::ffff:0:0/96, NAT64 (RFC 6052), 6to4 (RFC 3056).
        if bytes[..<10].allSatisfy({ $0 == 0 }) { return isPrivate(v4: Array(bytes[12...])) || bytes[10] != bytes[11] }
        if bytes.starts(with: [0, 0x64, 0xff, 0x9b]) { return isPrivate(v4: Array(bytes[12...])) }
        if bytes.starts(with: [0x20, 0x02]) { return isPrivate(v4: Array(bytes[2..<6])) }
        // Only 2000::/3 is given out; of it, 2001:db8::/32 is for documents.
        return bytes[0] & 0xe0 != 0x20 || bytes.starts(with: [0x20, 0x01, 0x0d, 0xb8])
    }

    /// A socket address as libcurl is about to connect to. Other families than IP are refused.
    static func isPrivate(family: Int32, _ address: UnsafeRawPointer) -> Bool {
        switch family {
        case AF_INET:
            let value = address.loadUnaligned(as: sockaddr_in.self).sin_addr
            return isPrivate(v4: withUnsafeBytes(of: value) { Array($0) })
        case AF_INET6:
            let value = address.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return isPrivate(v6: withUnsafeBytes(of: value) { Array($0) })
        default: return true
        }
    }

    /// Whether the host of an address is written as a private address; a name is none.
    static func isPrivate(host: String) -> Bool {
        let host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if host.lowercased() == "localhost" || host.lowercased().hasSuffix(".localhost") { return true }
        var v4 = in_addr()
        // As libcurl and resolvers read it: also 127.1 and 0x7f000001.
        if inet_aton(host, &v4) != 0 { return isPrivate(v4: withUnsafeBytes(of: v4) { Array($0) }) }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, host, &v6) == 1 { return isPrivate(v6: withUnsafeBytes(of: v6) { Array($0) }) }
        return false
    }
}
