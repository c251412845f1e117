import Foundation

/// Certificates for tests, made by openssl: an authority and a server.
enum TestAuthority {
    /// Writes `ca.pem`, `server.pem` and `server.key`.
    static func write(to folder: URL, host: String) async throws {
        let path = folder.path
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        let script = """
            set -e
            openssl req -x509 \(key) -days 2 -subj /CN=Test -addext basicConstraints=critical,CA:TRUE \
                -keyout \(path)/ca.key -out \(path)/ca.pem
            openssl req \(key) -subj /CN=\(host) -keyout \(path)/server.key -out \(path)/server.csr
            printf 'subjectAltName=DNS:\(host)\\n' > \(path)/server.ext
            openssl x509 -req -in \(path)/server.csr -CA \(path)/ca.pem -CAkey \(path)/ca.key -CAcreateserial \
                -days 2 -extfile \(path)/server.ext -out \(path)/server.pem
            openssl x509 -in \(path)/server.pem -pubkey -noout | openssl pkey -pubin -outform der \
                | openssl dgst -sha256 -binary | base64 > \(path)/pin
            """
        let status = try await ChildProcess(
            ["sh", "-c", script], log: folder.appending(path: "openssl.log")
        ).exitStatus()
        guard status == 0 else { throw Prosody.Failure(description: "openssl ended with \(status)") }
    }

    /// The pin of the server's key.
    static func pin(in folder: URL) throws -> String {
        let text = try String(contentsOf: folder.appending(path: "pin"), encoding: .utf8)
        return "sha256//" + text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
